#include "dataplane/rules/response.h"

#include <string.h>

#include "dataplane/rules/asserted.h"
#include "dataplane/rules/return_token.h"
#include "dataplane/rules/series.h"
#include "dataplane/rules/via_state.h"
#include "dataplane/rules/way_back.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

/* Is the top Via ours, with an sk= that can be read? */
static enum drop_reason state_read(struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;
	struct returning *back = &rules->returning;
	uint8_t key_id;

	if (message->via.address.family == 0 ||
	    !settings_is_own_address(rules->tables->settings, &message->via.address) ||
	    via_state_read(message->via.sk, &back->state, &key_id) != RESULT_OK)
		return DROP_sip_response_via;
	back->key = rotating_keys_verifier(&rules->keys->sk, key_id, rules->now_s);
	return back->key ? DROP_NONE : DROP_sip_response_stale;
}

uint32_t rules_response_read(struct packet_rules *rules)
{
	struct returning *back = &rules->returning;

	back->fault = state_read(rules);
	rules->is_return_read = true;
	back->likely = back->fault == DROP_NONE
			       ? link_likely_index(rules->tables, &back->state.ingress)
			       : 0;
	return back->likely;
}

static void state_begin(struct packet_rules *rules, struct keyed_hash *hash)
{
	const struct sip_message *message = rules->message;
	struct returning *back = &rules->returning;
	struct via_proof proof;

	/* Nothing is looked up by them: they need no hash. */
	rules->from = (struct text_key){.text = rules_canonical_text(rules, &message->from.uri)};
	rules->to = (struct text_key){.text = rules_canonical_text(rules, &message->to.uri)};
	proof = (struct via_proof){
		.branch = message->via.branch,
		.call_id = message->call_id,
		.cseq = &message->cseq,
		.from = rules->from.text,
		.from_tag = message->from.tag,
		.to = rules->to.text,
		.below = way_back_via(message),
	};
	via_state_proof_begin(&back->state, back->key, &proof, hash);
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

/* Who does not know the header said nothing of it: sk= knows what he should have said. */
static bool must_restore(const struct packet_rules *rules)
{
	return rules->returning.state.has_series && rules->series.count == 0;
}

static bool is_series_right(const struct packet_rules *rules)
{
	unsigned count = rules->series.count, sent = rules->returning.state.count;

	if (must_restore(rules))
		return true;
	/* A 502 that a gateway made from a response carries none (signalling 3). */
	if (count == 0 && rules->message->status == 502)
		return true;
	if (count < sent || count > LIMIT_ROUTE_SECURITY_ENTRIES)
		return false;
	return rules->returning.is_same_series && is_above_right(rules, count - sent);
}

/* It most likely goes back to a terminal, whose own entry is the last one. */
static void series_read(struct packet_rules *rules)
{
	const struct binding *binding =
		binding_table_at(rules->tables->bindings, rules->returning.likely);

	if (binding)
		sip_route_security_read_from(rules->message, binding_host(binding),
					     &binding->address, &rules->series);
	else
		sip_route_security_read(rules->message, &rules->series);
}

/* The last n entries, n being what sk= says. */
static void series_hash(const struct packet_rules *rules, struct keyed_hash *hash)
{
	unsigned count = rules->series.count, sent = rules->returning.state.count;

	series_begin(hash, &rules->returning.key->hash);
	series_add_from(hash, &rules->series, count < sent ? 0 : count - sent);
}

/* Did the request leave with an entry of ours on top? */
static bool is_own_entry_there(const struct packet_rules *rules, unsigned at)
{
	const struct sip_route_security_entry *entry = &rules->series.entries[at];

	return entry->is_wellformed && entry->level != SIP_LEVEL_ABSENT &&
	       sip_address_is_same_host(&entry->address, &rules->ingress.local);
}

/* A link too weak for our entry shows itself to the caller by a remark of ours, if it is not there yet. */
static bool must_remark(const struct packet_rules *rules, unsigned above)
{
	if (rules->returning.state.count == 0 || rules->series.count == 0 ||
	    is_own_entry_there(rules, above))
		return false;
	return above == 0 || !sip_route_security_entry_is(&rules->series.entries[above - 1],
							  &rules->ingress.local, SIP_LEVEL_ABSENT);
}

/* Directly above the entries that we sent, `above` of them. */
static void remark_write(const struct packet_rules *rules, unsigned above, struct sip_edit *edit)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_ROUTE_SECURITY);
	struct sip_entry entry = {0};
	struct writer *w;

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

static void remark_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	unsigned above = rules->series.count - rules->returning.state.count;

	if (must_remark(rules, above))
		remark_write(rules, above, edit);
}

/*
 * The series is put back, above it an entry that says that the next hop did not confirm it, and,
 * as in remark_edit(), where it began without an entry of ours.
 */
static void restore_edit(struct packet_rules *rules, struct sip_edit *edit)
{
	const struct sip_message *message = rules->message;
	struct writer *w = sip_edit_open(edit);

	if (series_unpack(&rules->returning.state.series, &rules->series) != RESULT_OK)
		return; /* via_state_read() has done the same */
	sip_route_security_write(&rules->ingress.remote, SIP_LEVEL_ABSENT, w);
	if (!is_own_entry_there(rules, 0))
		sip_route_security_write(&rules->ingress.local, SIP_LEVEL_ABSENT, w);
	for (unsigned i = 0; i < rules->series.count; i++)
		sip_route_security_write(&rules->series.entries[i].address,
					 rules->series.entries[i].level, w);
	sip_edit_close(edit, message->lines[message->first[SIP_HEADER_VIA]].start, 0);
}

static enum rules_way changed(struct packet_rules *rules)
{
	rules_tell_refusal(rules, CONTRACT_EVENT_RESPONSE_SERIES,
			   rules->message->status < 200 ? 0 : 502, slice_make("", 0));
	if (rules->message->status < 200)
		return rules_drop(rules, DROP_sip_response_series);
	return RULES_BAD_GATEWAY;
}

static bool is_dialog_start(const struct packet_rules *rules)
{
	return rules->returning.state.is_recorded && rules->message->status / 100 == 2 &&
	       rules->message->cseq.method == SIP_METHOD_INVITE;
}

/* The hashes of one response. */
struct hashes {
	struct keyed_hash state, series, token;
	bool has_token;
};

/* What needs nothing but the message. */
static void hashes_begin(struct packet_rules *rules, struct hashes *hashes)
{
	if (!rules->is_return_read)
		rules_response_read(rules);
	if (rules->returning.fault != DROP_NONE)
		return;
	state_begin(rules, &hashes->state);
	hashes->has_token = return_token_begin(rules, &hashes->token);
}

/* The rest; state and series, which have one key, are put behind `all`. */
static unsigned hashes_complete(struct packet_rules *rules, struct hashes *hashes,
				struct keyed_hash **all)
{
	if (rules->returning.fault != DROP_NONE)
		return 0;
	series_read(rules);
	series_hash(rules, &hashes->series);
	all[0] = &hashes->state;
	all[1] = &hashes->series;
	return 2;
}

/* The last entries are those that sk= holds itself. */
static bool is_series_as_packed(const struct packet_rules *rules)
{
	const struct series_packed *sent = &rules->returning.state.series;
	unsigned count = rules->series.count;
	struct series_packed came = {0};

	return count >= sent->count &&
	       series_packed_add_from(&came, &rules->series, count - sent->count) == RESULT_OK &&
	       came.length == sent->length && memcmp(came.bytes, sent->bytes, sent->length) == 0;
}

static void hashes_judge(struct packet_rules *rules, const struct hashes *hashes)
{
	struct returning *back = &rules->returning;

	rules->is_return_proven = true;
	if (back->fault != DROP_NONE)
		return;
	back->is_proven = via_state_is_proven(&back->state, &hashes->state);
	back->is_same_series = back->state.has_series
				       ? is_series_as_packed(rules)
				       : memcmp(hashes->series.result, back->state.digest,
						SERIES_DIGEST_BYTES) == 0;
	back->is_token_proven = hashes->has_token && token_is_proven(&rules->token, &hashes->token);
}

void rules_responses_prove(struct packet_rules *const rules[], unsigned count)
{
	struct hashes hashes[RULES_TOGETHER];
	struct keyed_hash *all[3 * RULES_TOGETHER];
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++)
		hashes_begin(rules[i], &hashes[i]);
	for (unsigned i = 0; i < count; i++)
		used += hashes_complete(rules[i], &hashes[i], &all[used]);
	for (unsigned i = 0; i < count; i++)
		if (rules[i]->returning.fault == DROP_NONE && hashes[i].has_token)
			all[used++] = &hashes[i].token;
	if (used > 0)
		keyed_hash_finish(all, used);
	for (unsigned i = 0; i < count; i++)
		hashes_judge(rules[i], &hashes[i]);
}

/* Is it the response to a request of ours, from where that went? */
static enum drop_reason state_judge(const struct packet_rules *rules)
{
	const struct returning *back = &rules->returning;

	if (back->fault != DROP_NONE)
		return back->fault;
	if (!back->is_proven)
		return DROP_sip_response_mac;
	return leg_is_equal(&back->state.egress, &rules->ingress.leg) ? DROP_NONE
								      : DROP_sip_response_leg;
}

enum rules_way rules_response(struct packet_rules *rules, struct sip_edit *edit)
{
	enum drop_reason reason;
	enum rules_way way;

	if (!rules->is_return_proven)
		rules_responses_prove(&rules, 1);
	reason = state_judge(rules);
	if (reason != DROP_NONE)
		return rules_drop(rules, reason);
	rules->caller = rules->from;
	rules->is_recorded = rules->returning.state.is_recorded;
	way = rules_way_back(rules);
	if (way != RULES_NEXT)
		return way;
	if (rules->message->status > 100 &&
	    (!is_series_right(rules) || !return_token_is_right(rules)))
		return changed(rules);
	if (is_dialog_start(rules))
		rules_tell_dialog(rules, CONTRACT_EVENT_DIALOG_START, rules->message->status);
	sip_edit_begin(edit);
	sip_edit_remove_top_via(edit, rules->message);
	if (rules->message->status > 100 && must_restore(rules))
		restore_edit(rules, edit);
	else if (rules->message->status > 100)
		remark_edit(rules, edit);
	asserted_edit(rules, edit, 0);
	return RULES_NEXT;
}
