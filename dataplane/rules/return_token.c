#include "dataplane/rules/return_token.h"

#include "dataplane/worker.h"
#include "shared/sip/entries.h"
#include "shared/sip/name_addr.h"

/* The token in a Record-Route entry of ours, however it is written: RESULT_OK, or RESULT_NOT_FOUND.
 */
static enum result entry_token(const struct packet_rules *rules, struct slice text,
			       struct token *out)
{
	const struct settings_table *settings = rules->tables->settings;
	struct slice own = settings_own_token(settings, text);
	struct sip_name_addr addr;
	struct sip_address host;
	struct sip_uri uri;

	if (own.len > 0 && token_read(own, out) == RESULT_OK)
		return RESULT_OK;
	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, &uri) != RESULT_OK || uri.user.len == 0)
		return RESULT_NOT_FOUND;
	if (!settings_is_own_text(settings, uri.host) &&
	    (sip_address_parse(uri.host, &host) != RESULT_OK ||
	     !settings_is_own_address(settings, &host)))
		return RESULT_NOT_FOUND;
	return token_read(uri.user, out) == RESULT_OK ? RESULT_OK : RESULT_NOT_FOUND;
}

/* From which key the token of this very request, or of a retransmission of it, would be; NULL: it
 * is another's. */
static const struct rotating_key *own_token_key(const struct packet_rules *rules,
						const struct token *token)
{
	const struct via_state *state = &rules->returning.state;

	if (!leg_is_equal(&token->caller, &state->ingress) ||
	    !leg_is_equal(&token->callee, &state->egress))
		return NULL;
	return rotating_keys_verifier(&rules->keys->token, token->key_id, rules->now_s);
}

static struct token_dialog dialog_of(const struct packet_rules *rules)
{
	return (struct token_dialog){
		.call_id = rules->message->call_id,
		.tag = rules->message->from.tag,
		.caller = rules->from.text,
		.callee = rules->to.text,
	};
}

/* Must it bring our Record-Route entry back: does it form a dialog (RFC 3261 12.1.1)? */
static bool must_have_token(const struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	return rules->returning.state.is_recorded && message->status > 100 &&
	       message->status <= 299 && message->to.tag.len > 0;
}

bool return_token_begin(struct packet_rules *rules, struct keyed_hash *hash)
{
	struct sip_entries entries;
	struct sip_entry entry;

	if (!must_have_token(rules))
		return false;
	entries = sip_entries_begin(rules->message, SIP_HEADER_RECORD_ROUTE);
	while (sip_entries_next(&entries, &entry)) {
		const struct rotating_key *key;
		struct token_dialog dialog;

		if (entry_token(rules, entry.text, &rules->token) != RESULT_OK)
			continue;
		key = own_token_key(rules, &rules->token);
		if (!key)
			continue;
		dialog = dialog_of(rules);
		token_proof_begin(&rules->token, key, &dialog, hash);
		return true;
	}
	return false;
}

/* Any entry will do, whatever stands above it. */
static bool has_proven_token(const struct packet_rules *rules)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_RECORD_ROUTE);
	struct token_dialog dialog = dialog_of(rules);
	struct sip_entry entry;
	struct token token;

	while (sip_entries_next(&entries, &entry)) {
		const struct rotating_key *key;

		if (entry_token(rules, entry.text, &token) != RESULT_OK)
			continue;
		key = own_token_key(rules, &token);
		if (key && token_verify(key, &token, &dialog) == RESULT_OK)
			return true;
	}
	return false;
}

bool return_token_is_right(const struct packet_rules *rules)
{
	return !must_have_token(rules) || rules->returning.is_token_proven ||
	       has_proven_token(rules);
}
