#include "dataplane/rules/dialog_token.h"

/* The dialog of a request, if that side sent it. */
static struct token_dialog dialog_of(const struct packet_rules *rules, bool is_caller)
{
	const struct sip_message *message = rules->message;

	return (struct token_dialog){
		.call_id = message->call_id,
		.tag = is_caller ? message->from.tag : message->to.tag,
		.caller = is_caller ? rules->from.text : rules->to.text,
		.callee = is_caller ? rules->to.text : rules->from.text,
	};
}

/* Which side is the likelier to have sent it. */
static bool is_by_caller(const struct packet_rules *rules)
{
	return leg_is_equal(&rules->token.caller, &rules->ingress.leg);
}

static const struct rotating_key *key_of(const struct packet_rules *rules,
					 const struct token *token)
{
	return rotating_keys_verifier(&rules->keys->token, token->key_id, rules->now_s);
}

void rules_tokens_prove(struct packet_rules *const rules[], unsigned count)
{
	struct keyed_hash hashes[RULES_TOGETHER], *all[RULES_TOGETHER];
	struct packet_rules *of[RULES_TOGETHER];
	unsigned tokens = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct rotating_key *key =
			rules[i]->is_token ? key_of(rules[i], &rules[i]->token) : NULL;
		struct token_dialog dialog;

		if (!key)
			continue;
		dialog = dialog_of(rules[i], is_by_caller(rules[i]));
		token_proof_begin(&rules[i]->token, key, &dialog, &hashes[tokens]);
		all[tokens] = &hashes[tokens];
		of[tokens++] = rules[i];
	}
	if (tokens > 0)
		keyed_hash_finish(all, tokens);
	for (unsigned i = 0; i < tokens; i++) {
		of[i]->is_token_tried = true;
		of[i]->is_token_proven = token_is_proven(&of[i]->token, &hashes[i]);
	}
}

static bool is_too_old(const struct packet_rules *rules, const struct token *token)
{
	return rules->now_s > (uint64_t)token->issued_s + rules->settings->max_dialog_s;
}

bool dialog_token_holds(const struct packet_rules *rules, const struct token *token, bool is_caller)
{
	const struct rotating_key *key = key_of(rules, token);
	struct token_dialog dialog = dialog_of(rules, is_caller);

	return key && !is_too_old(rules, token) && token_verify(key, token, &dialog) == RESULT_OK;
}

enum result dialog_token_side(struct packet_rules *rules, bool *is_caller)
{
	bool is_caller_first = is_by_caller(rules);

	if (!rules->is_token || is_too_old(rules, &rules->token) || !key_of(rules, &rules->token))
		return RESULT_NOT_FOUND;
	if (!rules->is_token_tried)
		rules_tokens_prove(&rules, 1);
	if (rules->is_token_proven)
		*is_caller = is_caller_first;
	else if (dialog_token_holds(rules, &rules->token, !is_caller_first))
		*is_caller = !is_caller_first;
	else
		return RESULT_NOT_FOUND;
	return RESULT_OK;
}
