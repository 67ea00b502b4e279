#include "dataplane/rules/response.h"

#include "dataplane/rules/asserted.h"
#include "dataplane/rules/locate.h"
#include "dataplane/rules/series.h"
#include "dataplane/rules/token.h"
#include "dataplane/rules/via_state.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

/* A response on its way through the checks. */
struct returning {
	struct via_state state;
	const struct rotating_key *key;
	struct slice below; /* the Via entry below ours, empty if there is none */
};

static struct slice below_find(const struct sip_message *message)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_VIA);
	struct sip_entry entry;

	if (message->via_count < 2 || !sip_entries_next(&entries, &entry) ||
	    !sip_entries_next(&entries, &entry))
		return slice_make(message->base, 0);
	return entry.text;
}

/* Is the top Via ours, and does its MAC hold for this response? */
static enum drop_reason state_open(struct packet_rules *rules, struct returning *back)
{
	const struct sip_message *message = rules->message;
	struct via_proof proof;
	uint8_t key_id;

	if (message->via.address.family == 0 ||
	    !settings_is_own_address(rules->tables->settings, &message->via.address) ||
	    via_state_read(message->via.sk, &back->state, &key_id) != RESULT_OK)
		return DROP_sip_response_via;
	back->key = rotating_keys_verifier(&rules->keys->sk, key_id, rules->now_s);
	if (!back->key)
		return DROP_sip_response_stale;
	rules->from = rules_canonical(rules, &message->from.uri);
	rules->to = rules_canonical(rules, &message->to.uri);
	back->below = below_find(message);
	proof = (struct via_proof){
		.branch = message->via.branch,
		.call_id = message->call_id,
		.cseq = &message->cseq,
		.from = rules->from.text,
		.from_tag = message->from.tag,
		.to = rules->to.text,
		.below = back->below,
	};
	if (via_state_verify(back->key, &back->state, &proof) != RESULT_OK)
		return DROP_sip_response_mac;
	return leg_is_equal(&back->state.egress, &rules->ingress.leg) ? DROP_NONE
								      : DROP_sip_response_leg;
}

/* What may stand above the entries that we sent; `above` of them. */
static bool is_above_right(const struct packet_rules *rules, unsigned above)
{
	const struct sip_route_security_entry *entries = rules->series.entries;
	const struct peer *peer = rules->ingress.peer;

	/* Directly above ours: the next node's remark that our entry was missing or wrong. */
	if (above > 0 && sip_route_security_entry_is(&entries[above - 1], &rules->ingress.local,
						     SIP_LEVEL_ABSENT))
		above--;
	if (above == 0)
		return true;
	return peer && entries[above - 1].is_wellformed &&
	       peer_has_address(peer, &entries[above - 1].address);
}

static bool is_series_right(const struct packet_rules *rules, const struct returning *back)
{
	unsigned count = rules->series.count, sent = back->state.count;
	uint8_t digest[SERIES_DIGEST_BYTES];
	struct keyed_hash hash;

	/* A 502 that a gateway made from a response carries none (signalling 3). */
	if (count == 0 && rules->message->status == 502)
		return true;
	if (count < sent || count > LIMIT_ROUTE_SECURITY_ENTRIES)
		return false;
	series_begin(&hash, &back->key->hash);
	series_add_from(&hash, &rules->series, count - sent);
	series_end(&hash, digest);
	return memcmp(digest, back->state.digest, sizeof(digest)) == 0 &&
	       is_above_right(rules, count - sent);
}

/* The token in a Record-Route entry of ours: RESULT_OK, or RESULT_NOT_FOUND. */
static enum result entry_token(const struct packet_rules *rules, struct slice text,
			       struct token *out)
{
	const struct settings_table *settings = rules->tables->settings;
	struct sip_name_addr addr;
	struct sip_address host;
	struct sip_uri uri;

	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, &uri) != RESULT_OK || uri.user.len == 0)
		return RESULT_NOT_FOUND;
	if (!settings_is_own_text(settings, uri.host) &&
	    (sip_address_parse(uri.host, &host) != RESULT_OK ||
	     !settings_is_own_address(settings, &host)))
		return RESULT_NOT_FOUND;
	return token_read(uri.user, out) == RESULT_OK ? RESULT_OK : RESULT_NOT_FOUND;
}

/* Is it the token that we put on this very request, or on a retransmission of it? */
static bool is_own_token(const struct packet_rules *rules, const struct returning *back,
			 const struct token *token)
{
	const struct sip_message *message = rules->message;
	const struct rotating_key *key =
		rotating_keys_verifier(&rules->keys->token, token->key_id, rules->now_s);
	struct token_dialog dialog = {
		.call_id = message->call_id,
		.tag = message->from.tag,
		.caller = rules->from.text,
		.callee = rules->to.text,
	};

	return key && leg_is_equal(&token->caller, &back->state.ingress) &&
	       leg_is_equal(&token->callee, &back->state.egress) &&
	       token_verify(key, token, &dialog) == RESULT_OK;
}

/* What forms a dialog must bring our Record-Route entry back (RFC 3261 12.1.1). */
static bool is_record_route_right(const struct packet_rules *rules, const struct returning *back)
{
	const struct sip_message *message = rules->message;
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_RECORD_ROUTE);
	struct sip_entry entry;
	struct token token;

	if (!back->state.is_recorded || message->status <= 100 || message->status > 299 ||
	    message->to.tag.len == 0)
		return true;
	while (sip_entries_next(&entries, &entry)) {
		if (entry_token(rules, entry.text, &token) == RESULT_OK &&
		    is_own_token(rules, back, &token))
			return true;
	}
	return false;
}

/* Did the request leave with an entry of ours on top? */
static bool is_own_entry_there(const struct packet_rules *rules, unsigned at)
{
	const struct sip_route_security_entry *entry = &rules->series.entries[at];

	return entry->is_wellformed && entry->level != SIP_LEVEL_ABSENT &&
	       sip_address_is_same_host(&entry->address, &rules->ingress.local);
}

/* A link too weak for our entry shows itself to the caller by a remark of ours. */
static void remark_edit(const struct packet_rules *rules, const struct returning *back,
			struct sip_edit *edit)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_ROUTE_SECURITY);
	unsigned above = rules->series.count - back->state.count;
	struct sip_entry entry = {0};
	struct writer *w;

	if (back->state.count == 0 || rules->series.count == 0 || is_own_entry_there(rules, above))
		return;
	if (above > 0 && sip_route_security_entry_is(&rules->series.entries[above - 1],
						     &rules->ingress.local, SIP_LEVEL_ABSENT))
		return;
	for (unsigned i = 0; i <= above; i++) {
		if (!sip_entries_next(&entries, &entry))
			return;
	}
	w = sip_edit_open(edit);
	if (entry.is_first) {
		sip_route_security_write(&rules->ingress.local, SIP_LEVEL_ABSENT, w);
		sip_edit_close(edit, rules->message->lines[entry.line].start, 0);
		return;
	}
	sip_address_write_host(&rules->ingress.local, w);
	WRITER_LITERAL(w, ", ");
	sip_edit_close(edit, entry.start, 0);
}

static enum rules_way changed(struct packet_rules *rules)
{
	rules_tell_refusal(rules, CONTRACT_EVENT_RESPONSE_SERIES,
			   rules->message->status < 200 ? 0 : 502, slice_make("", 0));
	if (rules->message->status < 200)
		return rules_drop(rules, DROP_sip_response_series);
	return RULES_BAD_GATEWAY;
}

/* Back to where the request came from. */
static enum rules_way way_back(struct packet_rules *rules, const struct returning *back)
{
	if (link_to_leg(rules->tables, rules->settings, &back->state.ingress, &rules->egress) !=
	    RESULT_OK)
		return rules_drop(rules, DROP_sip_response_gone);
	if (rules->egress.kind == LEG_SELF)
		return rules_drop(rules, DROP_sip_response_self);
	if (!locate_is_up(&rules->egress))
		return rules_drop(rules, DROP_sip_response_gone);
	return RULES_NEXT;
}

static bool is_dialog_start(const struct packet_rules *rules, const struct returning *back)
{
	return back->state.is_recorded && rules->message->status / 100 == 2 &&
	       rules->message->cseq.method == SIP_METHOD_INVITE;
}

enum rules_way rules_response(struct packet_rules *rules, struct sip_edit *edit)
{
	struct returning back;
	enum drop_reason reason = state_open(rules, &back);
	enum rules_way way;

	if (reason != DROP_NONE)
		return rules_drop(rules, reason);
	rules->caller = rules->from;
	rules->is_recorded = back.state.is_recorded;
	way = way_back(rules, &back);
	if (way != RULES_NEXT)
		return way;
	sip_route_security_read(rules->message, &rules->series);
	if (rules->message->status > 100 &&
	    (!is_series_right(rules, &back) || !is_record_route_right(rules, &back)))
		return changed(rules);
	if (is_dialog_start(rules, &back))
		rules_tell_dialog(rules, CONTRACT_EVENT_DIALOG_START, rules->message->status);
	sip_edit_begin(edit);
	sip_edit_remove_entries(edit, rules->message, SIP_HEADER_VIA, 0, 1);
	if (rules->message->status > 100)
		remark_edit(rules, &back, edit);
	asserted_edit(rules, edit, 0);
	return RULES_NEXT;
}
