#include "dataplane/rules/dialog.h"

#include "dataplane/rules/ahead.h"
#include "dataplane/rules/locate.h"
#include "dataplane/rules/token.h"
#include "dataplane/worker.h"

static enum rules_way refused(struct packet_rules *rules, uint16_t status)
{
	rules_tell_refusal(rules, CONTRACT_EVENT_REFUSED, status, slice_make("", 0));
	return rules_refuse(rules, status,
			    status == 403 ? DROP_sip_dialog_foreign : DROP_sip_dialog_unknown);
}

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

static const struct rotating_key *key_of(const struct packet_rules *rules)
{
	return rotating_keys_verifier(&rules->keys->token, rules->token.key_id, rules->now_s);
}

void rules_tokens_prove(struct packet_rules *const rules[], unsigned count)
{
	struct keyed_hash hashes[RULES_TOGETHER], *all[RULES_TOGETHER];
	struct packet_rules *of[RULES_TOGETHER];
	unsigned tokens = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct rotating_key *key = rules[i]->is_token ? key_of(rules[i]) : NULL;
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

/*
 * Which side sent it: RESULT_OK; RESULT_NOT_FOUND: not a request of the recorded dialog;
 * RESULT_DENIED: it is, but from another leg than that side's.
 */
static enum result side_find(struct packet_rules *rules, const struct rotating_key *key,
			     bool *is_caller)
{
	const struct token *token = &rules->token;
	bool is_caller_first = is_by_caller(rules);
	struct token_dialog other = dialog_of(rules, !is_caller_first);

	if (!rules->is_token_tried)
		rules_tokens_prove(&rules, 1);
	if (rules->is_token_proven)
		*is_caller = is_caller_first;
	else if (token_verify(key, token, &other) == RESULT_OK)
		*is_caller = !is_caller_first;
	else
		return RESULT_NOT_FOUND;
	return leg_is_equal(*is_caller ? &token->caller : &token->callee, &rules->ingress.leg)
		       ? RESULT_OK
		       : RESULT_DENIED;
}

static bool is_too_old(const struct packet_rules *rules, const struct token *token)
{
	return rules->now_s > (uint64_t)token->issued_s + rules->settings->max_dialog_s;
}

/*
 * What stands next in Route, our own entries aside: nothing, or an entry of the peer that the leg
 * names, whichever of its gateways it is. That gateway is then the one to send to.
 */
static enum result next_check(struct packet_rules *rules)
{
	const struct route *route = &rules->route;
	const struct peer *peer;

	if (route->is_bad)
		return RESULT_DENIED;
	if (route->own == route->count)
		return RESULT_OK;
	if (rules->egress.kind != LEG_PEER || route->next.family == 0)
		return RESULT_DENIED;
	if (peer_has_address(rules->egress.peer, &route->next))
		return RESULT_OK;
	peer = peer_table_by_address(rules->tables->peers, &route->next);
	if (!peer || memcmp(peer->leg, rules->egress.peer->leg, sizeof(peer->leg)) != 0)
		return RESULT_DENIED;
	if (peer->sa_out_count == 0)
		return RESULT_OK;
	return link_to_peer(rules->tables, peer, &rules->egress);
}

static enum rules_way token_follow(struct packet_rules *rules, const struct token *token,
				   bool is_caller)
{
	const struct leg *opposite = is_caller ? &token->callee : &token->caller;

	if (link_to_leg(rules->tables, rules->settings, opposite, &rules->egress) != RESULT_OK ||
	    rules->egress.kind == LEG_SELF)
		return refused(rules, 481);
	if (!token_admits(token, rules->message->method) || next_check(rules) != RESULT_OK)
		return refused(rules, 403);
	if (!locate_is_up(rules, &rules->egress))
		return rules_refuse(rules, 503, DROP_sip_peer_down);
	if (rules->message->method == SIP_METHOD_BYE)
		rules_tell_dialog(rules, CONTRACT_EVENT_DIALOG_END, 0);
	return RULES_IN_DIALOG;
}

enum rules_way rules_dialog(struct packet_rules *rules)
{
	const struct rotating_key *key;
	const struct token *token = &rules->token;
	bool is_caller;

	if (!rules->has_token) {
		ahead_callee(rules);
		return RULES_NEXT;
	}
	if (!rules->is_token || is_too_old(rules, token))
		return refused(rules, 481);
	key = key_of(rules);
	if (!key)
		return refused(rules, 481);
	switch (side_find(rules, key, &is_caller)) {
	case RESULT_OK:
		return token_follow(rules, token, is_caller);
	case RESULT_DENIED:
		return refused(rules, 403);
	default:
		return refused(rules, 481);
	}
}
