#include "dataplane/rules/rewrite.h"

#include "dataplane/rules/asserted.h"
#include "dataplane/rules/token.h"
#include "dataplane/rules/via_state.h"

#define MAX_FORWARDS_DEFAULT 70 /* RFC 3261 16.6 step 3 */

/* Via, Record-Route, two of Route-Security, Max-Forwards, P-Asserted-Identity. */
#define LINES_ADDED_MAX 6

/* What goes on top of the series as it came. */
struct additions {
	bool has_own;	   /* our entry */
	bool is_annotated; /* the previous hop's address without level */
	unsigned count;	   /* of the whole series as sent */
};

static struct additions additions_of(const struct packet_rules *rules)
{
	struct additions add = {
		.has_own = rules->egress.level >= rules->settings->add_level,
		.is_annotated = rules->is_annotated,
		.count = rules->series.count,
	};

	add.count += (unsigned)add.has_own + (unsigned)add.is_annotated;
	return add;
}

/* Where new lines of a header go: above its first, else above the Vias. */
static uint16_t line_place(const struct sip_message *message, enum sip_header header)
{
	if (!sip_message_has(message, header))
		header = SIP_HEADER_VIA;
	return message->lines[message->first[header]].start;
}

static void digest_make(const struct packet_rules *rules, const struct additions *add,
			const struct rotating_key *key, uint8_t digest[SERIES_DIGEST_BYTES])
{
	struct keyed_hash hash;

	series_begin(&hash, &key->hash);
	if (add->has_own)
		series_add(&hash, &rules->egress.local, rules->egress.level);
	if (add->is_annotated)
		series_add(&hash, &rules->ingress.remote, SIP_LEVEL_ABSENT);
	series_add_from(&hash, &rules->series, 0);
	series_end(&hash, digest);
}

static bool is_recorded(const struct packet_rules *rules)
{
	return rules->message->to.tag.len == 0 &&
	       token_method_of(rules->message->method) != TOKEN_NONE;
}

static void via_write(const struct packet_rules *rules, const struct additions *add,
		      const struct sip_via_patch *patches, unsigned patch_count, struct writer *w)
{
	const struct rotating_key *key = rotating_keys_maker(&rules->keys->sk, rules->now_s);
	const struct sip_message *message = rules->message;
	struct via_proof proof = {
		.branch = slice_make(rules->branch, BRANCH_CHARS),
		.call_id = message->call_id,
		.cseq = &message->cseq,
		.from = rules->from.text,
		.from_tag = message->from.tag,
		.to = rules->to.text,
		.below = message->via.text,
		.patches = patches,
		.patch_count = patch_count,
	};
	struct via_state state = {
		.ingress = rules->ingress.leg,
		.egress = rules->egress.leg,
		.count = (uint8_t)add->count,
		.is_recorded = is_recorded(rules),
	};

	digest_make(rules, add, key, state.digest);
	WRITER_LITERAL(w, "Via: SIP/2.0/UDP ");
	writer_bytes(w, rules->egress.own->text, rules->egress.own->length);
	WRITER_LITERAL(w, ";branch=");
	writer_bytes(w, rules->branch, BRANCH_CHARS);
	WRITER_LITERAL(w, ";sk=");
	via_state_write(key, &state, &proof, w);
	WRITER_LITERAL(w, "\r\n");
}

/* Our Via on top, and the one below says where the request really came from (RFC 3581). */
static void vias_edit(const struct packet_rules *rules, const struct additions *add,
		      struct sip_edit *edit)
{
	const struct sip_message *message = rules->message;
	uint16_t base = sip_message_offset(message, message->via.text.at);
	struct sip_via_patch patches[SIP_VIA_PATCHES];
	unsigned count = sip_via_stamp(&message->via, &rules->ingress.remote, patches);

	via_write(rules, add, patches, count, sip_edit_open(edit));
	sip_edit_close(edit, line_place(message, SIP_HEADER_VIA), 0);
	for (unsigned i = 0; i < count; i++)
		sip_edit_change(edit, (uint16_t)(base + patches[i].offset), patches[i].remove,
				slice_make(patches[i].text, patches[i].len));
}

static void record_route_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	const struct rotating_key *key = rotating_keys_maker(&rules->keys->token, rules->now_s);
	const struct sip_message *message = rules->message;
	struct token_dialog dialog = {
		.call_id = message->call_id,
		.tag = message->from.tag,
		.caller = rules->from.text,
		.callee = rules->to.text,
	};
	struct writer *w = sip_edit_open(edit);

	WRITER_LITERAL(w, "Record-Route: <sip:");
	token_write(key, token_method_of(message->method), rules->now_s, &rules->ingress.leg,
		    &rules->egress.leg, &dialog, w);
	writer_char(w, '@');
	writer_bytes(w, rules->egress.own->text, rules->egress.own->length);
	WRITER_LITERAL(w, ";lr>\r\n");
	sip_edit_close(edit, line_place(message, SIP_HEADER_RECORD_ROUTE), 0);
}

static void own_entry_write(const struct link *egress, struct writer *w)
{
	WRITER_LITERAL(w, "Route-Security: ");
	writer_bytes(w, egress->own->text, egress->own->host_length);
	WRITER_LITERAL(w, ";level=");
	writer_char(w, (char)('0' + egress->level));
	WRITER_LITERAL(w, "\r\n");
}

static void series_edit(const struct packet_rules *rules, const struct additions *add,
			struct sip_edit *edit)
{
	struct writer *w = sip_edit_open(edit);

	if (add->has_own)
		own_entry_write(&rules->egress, w);
	if (add->is_annotated)
		sip_route_security_write(&rules->ingress.remote, SIP_LEVEL_ABSENT, w);
	sip_edit_close(edit, line_place(rules->message, SIP_HEADER_ROUTE_SECURITY), 0);
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
static bool is_too_much(const struct sip_message *message, const struct additions *add)
{
	return add->count > LIMIT_ROUTE_SECURITY_ENTRIES ||
	       message->via_count >= LIMIT_SIP_VIA_ENTRIES ||
	       message->line_count + LINES_ADDED_MAX > LIMIT_SIP_HEADER_LINES;
}

enum rules_way rules_rewrite(struct packet_rules *rules, struct sip_edit *edit)
{
	const struct sip_message *message = rules->message;
	struct additions add = additions_of(rules);

	if (is_too_much(message, &add))
		return rules_refuse(rules, 400, DROP_sip_ack_refused);
	sip_edit_begin(edit);
	target_edit(rules, edit);
	vias_edit(rules, &add, edit);
	if (is_recorded(rules))
		record_route_edit(rules, edit);
	if (rules->route.own > 0)
		sip_edit_remove_entries(edit, message, SIP_HEADER_ROUTE, 0, rules->route.own);
	series_edit(rules, &add, edit);
	max_forwards_edit(message, edit);
	asserted_edit(rules, edit, line_place(message, SIP_HEADER_VIA));
	return RULES_NEXT;
}
