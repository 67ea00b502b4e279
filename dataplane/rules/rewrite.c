#include "dataplane/rules/rewrite.h"

#include <string.h>

#include "dataplane/rules/asserted.h"
#include "dataplane/rules/policy.h"

#define MAX_FORWARDS_DEFAULT 70 /* RFC 3261 16.6 step 3 */

/* Via, Record-Route, two of Route-Security, Max-Forwards, P-Asserted-Identity. */
#define LINES_ADDED_MAX 6

/* The whole series as it will leave. */
static enum result series_pack(const struct packet_rules *rules, struct series_packed *packed)
{
	enum result result = RESULT_OK;

	packed->count = packed->length = 0;
	if (rules->rewriting.has_own)
		result = series_packed_add(packed, &rules->egress.local, rules->egress.level);
	if (result == RESULT_OK && rules->is_annotated)
		result = series_packed_add(packed, &rules->ingress.remote, SIP_LEVEL_ABSENT);
	return result == RESULT_OK ? series_packed_add_from(packed, &rules->series, 0) : result;
}

/* Who will not echo the series gets none that we could not put back. */
static void legacy_set(struct packet_rules *rules)
{
	struct rewriting *now = &rules->rewriting;

	now->is_withheld = !rules->settings->is_legacy_restored ||
			   series_pack(rules, &now->state.series) != RESULT_OK;
	now->state.has_series = !now->is_withheld && now->count > 0;
}

/* What goes on top of the series as it came. */
static void additions_set(struct packet_rules *rules)
{
	struct rewriting *now = &rules->rewriting;

	now->has_own = rules->egress.level >= rules->settings->add_level;
	now->count = rules->series.count + (unsigned)now->has_own + (unsigned)rules->is_annotated;
	now->is_withheld = false;
	now->state.has_series = false;
	if (link_is_legacy(&rules->egress))
		legacy_set(rules);
}

/* Where new lines of a header go: above its first, else above the Vias. */
static uint16_t line_place(const struct sip_message *message, enum sip_header header)
{
	if (!sip_message_has(message, header))
		header = SIP_HEADER_VIA;
	return message->lines[message->first[header]].start;
}

static bool is_recorded(const struct packet_rules *rules)
{
	return rules->message->to.tag.len == 0 &&
	       token_method_of(rules->message->method) != TOKEN_NONE;
}

static void digest_begin(const struct packet_rules *rules, const struct rotating_key *key,
			 struct keyed_hash *hash)
{
	series_begin(hash, &key->hash);
	if (rules->rewriting.has_own)
		series_add(hash, &rules->egress.local, rules->egress.level);
	if (rules->is_annotated)
		series_add(hash, &rules->ingress.remote, SIP_LEVEL_ABSENT);
	series_add_from(hash, &rules->series, 0);
}

static void token_begin(struct packet_rules *rules, struct keyed_hash *hash)
{
	const struct rotating_key *key = rotating_keys_maker(&rules->keys->token, rules->now_s);
	const struct sip_message *message = rules->message;
	struct token_dialog dialog = {
		.call_id = message->call_id,
		.tag = message->from.tag,
		.caller = rules->from.text,
		.callee = rules->to.text,
	};

	token_make(&rules->token, key, token_method_of(message->method), rules->now_s,
		   &rules->ingress.leg, &rules->egress.leg);
	token_proof_begin(&rules->token, key, &dialog, hash);
}

/* All that goes into sk=, the series' digest being known. */
static void state_begin(struct packet_rules *rules, const struct rotating_key *key,
			struct keyed_hash *hash)
{
	const struct sip_message *message = rules->message;
	struct rewriting *now = &rules->rewriting;
	struct via_proof proof = {
		.branch = slice_make(rules->branch, BRANCH_CHARS),
		.call_id = message->call_id,
		.cseq = &message->cseq,
		.from = rules->from.text,
		.from_tag = message->from.tag,
		.to = rules->to.text,
		.below = message->via.text,
		.patches = now->patches,
	};

	now->patch_count = sip_via_stamp(&message->via, &rules->ingress.remote,
					 rules_remote_text(rules), now->patches);
	proof.patch_count = now->patch_count;
	now->state.count = (uint8_t)now->count;
	now->state.is_recorded = is_recorded(rules);
	via_state_make(&now->state, key, &rules->ingress.leg, &rules->egress.leg);
	via_state_proof_begin(&now->state, key, &proof, hash);
}

/* The lines are written here, many messages before they are copied: what was just stored piece by
 * piece would be waited for (decision 34). */
static void via_write(struct packet_rules *rules)
{
	struct rewriting *now = &rules->rewriting;
	struct writer w = writer_make(now->via, sizeof(now->via));

	own_text_write(link_via(&rules->egress), &w);
	writer_bytes(&w, rules->branch, BRANCH_CHARS);
	WRITER_LITERAL(&w, ";sk=");
	via_state_write(&now->state, &w);
	WRITER_LITERAL(&w, "\r\n");
	now->via_length = (uint16_t)w.len;
}

static void record_route_write(struct packet_rules *rules)
{
	struct rewriting *now = &rules->rewriting;
	struct writer w = writer_make(now->record, sizeof(now->record));

	WRITER_LITERAL(&w, "Record-Route: <sip:");
	token_write(&rules->token, &w);
	own_text_write(link_record(&rules->ingress, &rules->egress), &w);
	WRITER_LITERAL(&w, "\r\n");
	now->record_length = (uint16_t)w.len;
}

/* The keys by which sk= is made; those of a burst have mostly the same. */
static void makers_find(struct packet_rules *const rules[], unsigned count,
			const struct rotating_key *makers[RULES_TOGETHER])
{
	for (unsigned i = 0; i < count; i++) {
		if (i > 0 && rules[i]->keys == rules[i - 1]->keys &&
		    rules[i]->now_s == rules[i - 1]->now_s)
			makers[i] = makers[i - 1];
		else
			makers[i] = rotating_keys_maker(&rules[i]->keys->sk, rules[i]->now_s);
	}
}

void rules_rewrites_prove(struct packet_rules *const rules[], unsigned count)
{
	struct keyed_hash hashes[2 * RULES_TOGETHER], *all[2 * RULES_TOGETHER];
	struct keyed_hash *digest[RULES_TOGETHER], *token[RULES_TOGETHER] = {NULL};
	const struct rotating_key *makers[RULES_TOGETHER] = {NULL};
	unsigned used = 0;

	makers_find(rules, count, makers);
	for (unsigned i = 0; i < 2 * RULES_TOGETHER; i++)
		all[i] = &hashes[i];
	for (unsigned i = 0; i < count; i++) {
		additions_set(rules[i]);
		digest[i] = all[used++];
		digest_begin(rules[i], makers[i], digest[i]);
	}
	/* Those of one key in a row. */
	for (unsigned i = 0; i < count; i++) {
		if (!is_recorded(rules[i]))
			continue;
		token[i] = all[used++];
		token_begin(rules[i], token[i]);
	}
	keyed_hash_finish(all, used);
	for (unsigned i = 0; i < count; i++) {
		memcpy(rules[i]->rewriting.state.digest, digest[i]->result, SERIES_DIGEST_BYTES);
		if (token[i])
			token_seal(&rules[i]->token, token[i]);
	}
	for (unsigned i = 0; i < count; i++)
		state_begin(rules[i], makers[i], all[i]);
	keyed_hash_finish(all, count);
	for (unsigned i = 0; i < count; i++)
		via_state_seal(&rules[i]->rewriting.state, all[i]);
	for (unsigned i = 0; i < count; i++) {
		via_write(rules[i]);
		if (is_recorded(rules[i]))
			record_route_write(rules[i]);
		rules[i]->is_rewrite_proven = true;
	}
}

/* Our Via on top. */
static void via_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	sip_edit_lend(edit, line_place(rules->message, SIP_HEADER_VIA), 0,
		      slice_make(rules->rewriting.via, rules->rewriting.via_length));
}

static void record_route_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	sip_edit_lend(edit, line_place(rules->message, SIP_HEADER_RECORD_ROUTE), 0,
		      slice_make(rules->rewriting.record, rules->rewriting.record_length));
}

static void series_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	uint16_t place = line_place(rules->message, SIP_HEADER_ROUTE_SECURITY);

	if (rules->rewriting.has_own)
		sip_edit_lend(edit, place, 0,
			      own_text_slice(&rules->egress.own->security[rules->egress.level]));
	if (!rules->is_annotated)
		return;
	sip_route_security_write(&rules->ingress.remote, SIP_LEVEL_ABSENT, sip_edit_open(edit));
	sip_edit_close(edit, place, 0);
}

static void max_forwards_edit(const struct sip_message *message, struct sip_edit *edit)
{
	struct slice value = sip_message_value(message, SIP_HEADER_MAX_FORWARDS);
	struct writer *w = sip_edit_open(edit);

	if (!message->has_max_forwards) {
		WRITER_LITERAL(w, "Max-Forwards: ");
		writer_u32(w, MAX_FORWARDS_DEFAULT);
		WRITER_LITERAL(w, "\r\n");
		sip_edit_close(edit, line_place(message, SIP_HEADER_VIA), 0);
		return;
	}
	writer_u32(w, message->max_forwards - 1u);
	sip_edit_close(edit, sip_message_offset(message, value.at), (uint16_t)value.len);
}

/* Our own entries go: mostly there are no others, and no list need be looked through. */
static void route_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	const struct route *route = &rules->route;

	if (route->own == 0)
		return;
	if (route->own == route->count)
		sip_edit_remove_header(edit, rules->message, SIP_HEADER_ROUTE);
	else
		sip_edit_remove_entries(edit, rules->message, SIP_HEADER_ROUTE, 0, route->own);
}

/* A terminal gets the Contact that it registered (RFC 3261 16.6 step 2). */
static void target_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	struct slice uri = rules->message->uri.text, contact;

	if (!rules->callee || !rules->egress.binding)
		return;
	contact = binding_contact(rules->egress.binding);
	if (contact.len > 0)
		sip_edit_change(edit, sip_message_offset(rules->message, uri.at), (uint16_t)uri.len,
				contact);
}

/* What leaves must be what the next hop, under the same limits, can take. */
static bool is_too_much(const struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	return rules->rewriting.count > LIMIT_ROUTE_SECURITY_ENTRIES ||
	       message->via_count >= LIMIT_SIP_VIA_ENTRIES ||
	       message->line_count + LINES_ADDED_MAX > LIMIT_SIP_HEADER_LINES;
}

enum rules_way rules_rewrite(struct packet_rules *rules, struct sip_edit *edit)
{
	const struct sip_message *message = rules->message;

	if (!rules->is_rewrite_proven)
		rules_rewrites_prove(&rules, 1);
	if (rules->rewriting.is_withheld)
		return rules_unknown(rules);
	if (is_too_much(rules))
		return rules_refuse(rules, 400, DROP_sip_ack_refused);
	sip_edit_begin(edit);
	target_edit(rules, edit);
	via_edit(rules, edit);
	if (is_recorded(rules))
		record_route_edit(rules, edit);
	/* The one below says where the request really came from (RFC 3581). */
	sip_edit_patch_via(edit, message, rules->rewriting.patches, rules->rewriting.patch_count);
	max_forwards_edit(message, edit);
	route_edit(rules, edit);
	series_edit(rules, edit);
	/* What proved the sender to us would let others guess his password. */
	if (rules->ingress.kind == LEG_CLEAR && rules->ingress.level == SIP_LEVEL_AUTHENTICATED)
		sip_edit_remove_header(edit, message, SIP_HEADER_PROXY_AUTHORIZATION);
	asserted_edit(rules, edit, line_place(message, SIP_HEADER_VIA));
	return RULES_NEXT;
}
