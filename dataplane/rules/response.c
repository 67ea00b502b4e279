#include "dataplane/rules/response.h"

#include <string.h>

#include "dataplane/rules/asserted.h"
#include "dataplane/rules/return_series.h"
#include "dataplane/rules/return_token.h"
#include "dataplane/rules/series.h"
#include "dataplane/rules/via_state.h"
#include "dataplane/rules/way_back.h"
#include "dataplane/worker.h"

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

void rules_response_read(struct packet_rules *rules)
{
	struct returning *back = &rules->returning;

	back->fault = state_read(rules);
	rules->is_return_read = true;
	back->likely = 0;
	if (back->fault == DROP_NONE)
		link_likely_ask(rules->tables, &back->state.ingress);
}

uint32_t rules_response_likely(struct packet_rules *rules)
{
	struct returning *back = &rules->returning;

	if (back->fault == DROP_NONE)
		back->likely = link_likely_index(rules->tables, &back->state.ingress);
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
	if (!rules->is_return_read) {
		rules_response_read(rules);
		(void)rules_response_likely(rules);
	}
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
	    (!return_series_is_right(rules) || !return_token_is_right(rules)))
		return changed(rules);
	if (is_dialog_start(rules))
		rules_tell_dialog(rules, CONTRACT_EVENT_DIALOG_START, rules->message->status);
	sip_edit_begin(edit);
	sip_edit_remove_top_via(edit, rules->message);
	if (rules->message->status > 100)
		return_series_edit(rules, edit);
	asserted_edit(rules, edit, 0);
	return RULES_NEXT;
}
