#include "dataplane/rules/hang_up.h"

#include <string.h>

#include "dataplane/rules/locate.h"
#include "dataplane/rules/via_state.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

#define TRANSACTION_BYTES 9
#define ROUTES_MAX	  16 /* Record-Route entries above ours that become a Route */

/* One request of ours: to whom, and how the dialog looks from here. */
struct request {
	const struct link *to;
	struct sip_cseq cseq;
	bool is_turned; /* to the side that sent the INVITE: From and To change places */
	struct slice from, from_tag, to_uri; /* canonical, for the MAC */
	char branch[BRANCH_CHARS];
};

enum { ACK_BACK, BYE_BACK, BYE_ON };

unsigned hang_up_count(const struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	if (message->status / 100 != 2 || message->cseq.method != SIP_METHOD_INVITE)
		return 0;
	return rules->is_recorded ? 2 : 3;
}

static void branch_make(const struct packet_rules *rules, struct request *request)
{
	const struct sip_message *message = rules->message;
	struct writer w = writer_make(request->branch, BRANCH_CHARS);
	uint8_t result[TRANSACTION_BYTES + BRANCH_ROUTING_CHARS / 2];
	struct keyed_hash hash;

	keyed_hash_begin(&hash, rules->keys->branch);
	keyed_hash_field(&hash, SLICE("hang up"));
	keyed_hash_field(&hash, leg_slice(&request->to->leg));
	keyed_hash_field(&hash, message->call_id);
	keyed_hash_field(&hash, message->from.tag);
	keyed_hash_field(&hash, message->to.tag);
	keyed_hash_u32(&hash, request->cseq.number);
	keyed_hash_field(&hash, request->cseq.method_name);
	keyed_hash_end(&hash, result, sizeof(result));
	WRITER_LITERAL(&w, "z9hG4bK");
	base64url_encode(&w, result, TRANSACTION_BYTES);
	writer_hex(&w, result + TRANSACTION_BYTES, BRANCH_ROUTING_CHARS / 2);
}

/* Our Via with a state of ours as ingress: the answer ends with us. */
static void via_write(const struct packet_rules *rules, const struct request *request,
		      struct writer *w)
{
	const struct rotating_key *key = rotating_keys_maker(&rules->keys->sk, rules->now_s);
	struct via_state state = {.count = 1};
	struct via_proof proof = {
		.branch = slice_make(request->branch, BRANCH_CHARS),
		.call_id = rules->message->call_id,
		.cseq = &request->cseq,
		.from = request->from,
		.from_tag = request->from_tag,
		.to = request->to_uri,
		.below = slice_make("", 0),
	};
	struct keyed_hash hash, *one = &hash;
	struct leg self;

	leg_of_self(&self, rules->settings->gateway_id);
	series_begin(&hash, &key->hash);
	series_add(&hash, &request->to->local, request->to->level);
	series_end(&hash, state.digest);
	own_text_write(link_via(request->to), w);
	writer_bytes(w, request->branch, BRANCH_CHARS);
	WRITER_LITERAL(w, ";sk=");
	via_state_make(&state, key, &self, &request->to->leg);
	via_state_proof_begin(&state, key, &proof, &hash);
	keyed_hash_finish(&one, 1);
	via_state_seal(&state, &hash);
	via_state_write(&state, w);
	WRITER_LITERAL(w, "\r\n");
}

/* The URI inside a name-addr; empty if it does not parse. */
static struct slice entry_uri(struct slice text)
{
	struct sip_name_addr addr;

	if (sip_name_addr_parse(text, &addr) != RESULT_OK)
		return slice_make("", 0);
	return addr.uri;
}

/* What stands above our own Record-Route entry leads to the callee, nearest first in reverse. */
static void routes_write(const struct packet_rules *rules, const struct request *request,
			 struct writer *w)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_RECORD_ROUTE);
	struct slice above[ROUTES_MAX];
	struct sip_entry entry;
	unsigned count = 0;

	if (request->is_turned || request->to->kind != LEG_PEER)
		return;
	while (count < ROUTES_MAX && sip_entries_next(&entries, &entry)) {
		struct sip_uri uri;

		if (sip_uri_parse(entry_uri(entry.text), &uri) != RESULT_OK ||
		    route_is_own_host(rules->tables, rules->settings, uri.host))
			break;
		above[count++] = entry.text;
	}
	while (count > 0) {
		WRITER_LITERAL(w, "Route: ");
		writer_slice(w, above[--count]);
		WRITER_LITERAL(w, "\r\n");
	}
}

/* Where the other side wants its requests: its Contact, as far as we know it; empty if we do not.
 */
static struct slice target_of(const struct packet_rules *rules, const struct request *request)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_CONTACT);
	struct sip_entry entry;

	if (!request->is_turned)
		return sip_entries_next(&entries, &entry) ? entry_uri(entry.text)
							  : slice_make("", 0);
	if (request->to->binding)
		return binding_contact(request->to->binding);
	return rules->message->from.uri.text;
}

/* A From or To line made of the value of the other or its own. */
static void party_write(const char *name, struct slice value, struct writer *w)
{
	writer_bytes(w, name, strlen(name));
	writer_slice(w, value);
	WRITER_LITERAL(w, "\r\n");
}

static void lines_write(const struct packet_rules *rules, const struct request *request,
			struct writer *w)
{
	const struct sip_message *message = rules->message;
	struct slice from = sip_message_value(message, SIP_HEADER_FROM);
	struct slice to = sip_message_value(message, SIP_HEADER_TO);

	via_write(rules, request, w);
	routes_write(rules, request, w);
	if (request->to->level >= rules->settings->add_level)
		sip_route_security_write(&request->to->local, request->to->level, w);
	WRITER_LITERAL(w, "Max-Forwards: 70\r\n");
	party_write("From: ", request->is_turned ? to : from, w);
	party_write("To: ", request->is_turned ? from : to, w);
	party_write("Call-ID: ", message->call_id, w);
	WRITER_LITERAL(w, "CSeq: ");
	writer_u32(w, request->cseq.number);
	writer_char(w, ' ');
	writer_slice(w, request->cseq.method_name);
	WRITER_LITERAL(w, "\r\nContent-Length: 0\r\n\r\n");
}

/*
 * The side that sent a re-INVITE counts its own requests; what the other has counted to is not
 * known here. The highest number there is (RFC 3261 8.1.1.5) is above it.
 */
static uint32_t number_of(const struct packet_rules *rules, unsigned which)
{
	uint32_t number = rules->message->cseq.number;

	if (which == BYE_ON)
		return INT32_MAX;
	return which == ACK_BACK || number == INT32_MAX ? number : number + 1;
}

static void request_set(const struct packet_rules *rules, unsigned which, const struct link *to,
			struct request *request)
{
	enum sip_method method = which == ACK_BACK ? SIP_METHOD_ACK : SIP_METHOD_BYE;

	request->to = to;
	request->is_turned = which == BYE_ON;
	request->cseq = (struct sip_cseq){
		.number = number_of(rules, which),
		.method = method,
		.method_name = sip_method_name(method),
	};
	request->from = request->is_turned ? rules->to.text : rules->from.text;
	request->to_uri = request->is_turned ? rules->from.text : rules->to.text;
	request->from_tag = request->is_turned ? rules->message->to.tag : rules->message->from.tag;
	branch_make(rules, request);
}

enum result hang_up_write(const struct packet_rules *rules, unsigned which, struct link *to,
			  struct writer *w)
{
	const struct leg *leg = which == BYE_ON ? &rules->egress.leg : &rules->ingress.leg;
	struct request request;
	struct slice target;

	if (link_to_leg(rules->tables, rules->settings, leg, to) != RESULT_OK ||
	    to->kind == LEG_SELF || !locate_is_linked(rules, to))
		return RESULT_NOT_FOUND;
	request_set(rules, which, to, &request);
	target = target_of(rules, &request);
	if (target.len == 0)
		return RESULT_NOT_FOUND;
	writer_slice(w, request.cseq.method_name);
	writer_char(w, ' ');
	writer_slice(w, target);
	WRITER_LITERAL(w, " SIP/2.0\r\n");
	lines_write(rules, &request, w);
	return w->is_full ? RESULT_SPACE : RESULT_OK;
}
