/*
 * Any bytes from a terminal, a peer or the clear, through all the rules of a gateway: what leaves
 * is a message, ours by its Via, from whom its SA is bound to, to somebody there is, and no longer
 * than it may be. The last byte says who sends; a byte 1 stands for our Via of an INVITE that
 * terminal 1 sent to terminal 2, a byte 2 for its token, a byte 3 for that of one to the peer, a
 * byte 4 for our Via of one to terminal 3, which is marked legacy; with bit 4 of the last byte that
 * one sends in terminal 2's place.
 */
#include <string.h>

#include "shared/sip/route_security.h"
#include "tests/fuzz/target.h"
#include "tests/unit/event_taken.h"
#include "tests/unit/rules/gateway_kit.h"

#define INPUT_MAX 20000

enum sender { TERMINAL_1, TERMINAL_2, PEER, CLEAR, SENDERS, LEGACY };

#define LEGACY_INDEX 3 /* of its binding */

struct scene {
	struct gateway_kit *kit;
	char via[512]; /* what the bytes 1 to 4 stand for */
	char token[128];
	char peer_token[128];
	char legacy_via[768];
};

#define INVITE(to)                                                                                 \
	"INVITE sip:" to " SIP/2.0\r\n"                                                            \
	"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"                         \
	"Route-Security: [2001:1234::10];level=3\r\nMax-Forwards: 70\r\n"                          \
	"From: <sip:user-a@abc.com>;tag=a\r\nTo: <sip:" to ">\r\n"                                 \
	"Call-ID: call-1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"

/* What stands between two marks of the result, terminated. */
static void cut_out(const struct kit_result *result, const char *before, const char *after,
		    char *out, size_t room)
{
	const char *end = result->bytes + result->length;
	const char *from = memmem(result->bytes, result->length, before, strlen(before)), *to;

	MUST(from != NULL);
	from += strlen(before);
	to = memmem(from, (size_t)(end - from), after, strlen(after));
	MUST(to != NULL && (size_t)(to - from) < room);
	memcpy(out, from, (size_t)(to - from));
	out[to - from] = 0;
}

static void calls_make(struct scene *scene)
{
	static const char to_terminal[] = INVITE("user-e@abc.com");
	static const char to_peer[] = INVITE("user-b@xyz.com");
	static const char to_legacy[] = INVITE("user-g@abc.com");
	struct ingress_sa sa = gateway_kit_from_terminal(scene->kit, 1);
	static struct kit_result result;

	gateway_kit_receive(scene->kit, &sa, to_terminal, sizeof(to_terminal) - 1, &result);
	cut_out(&result, "Via: ", "\r\n", scene->via, sizeof(scene->via));
	cut_out(&result, "Record-Route: <sip:", "@", scene->token, sizeof(scene->token));
	gateway_kit_receive(scene->kit, &sa, to_peer, sizeof(to_peer) - 1, &result);
	cut_out(&result, "Record-Route: <sip:", "@", scene->peer_token, sizeof(scene->peer_token));
	gateway_kit_receive(scene->kit, &sa, to_legacy, sizeof(to_legacy) - 1, &result);
	cut_out(&result, "Via: ", "\r\n", scene->legacy_via, sizeof(scene->legacy_via));
}

static void legacy_make(struct gateway_kit *kit)
{
	struct contract_binding put;

	gateway_kit_terminal(kit, LEGACY_INDEX, "user-g@abc.com", "2001:1234::f");
	put = gateway_kit_binding_make(kit, LEGACY_INDEX, "user-g@abc.com", "2001:1234::f");
	put.is_legacy = 1;
	MUST(binding_table_put(&kit->bindings, &put) == RESULT_OK);
	kit->set.is_legacy_restored = 1;
	gateway_kit_settings(kit);
}

static const struct scene *scene_get(void)
{
	static const struct kit_rule all[] = {{POLICY_ALLOW, "*", "*", 0, 0}};
	static struct scene scene;
	struct contract_peer peer;

	if (scene.kit)
		return &scene;
	scene.kit = gateway_kit_create("abc.com", "2001:6789::5060");
	peer = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	gateway_kit_peer(scene.kit, &peer);
	gateway_kit_terminal(scene.kit, 1, "user-a@abc.com", "2001:1234::10");
	gateway_kit_terminal(scene.kit, 2, "user-e@abc.com", "2001:1234::e");
	gateway_kit_identity(scene.kit, "user-f@abc.com", 0);
	gateway_kit_policy(scene.kit, all, 1);
	scene.kit->set.insecure_access = CONTRACT_INSECURE_ANY;
	legacy_make(scene.kit);
	calls_make(&scene);
	return &scene;
}

/* The input with its stand-ins filled in; what does not fit is left out. */
static size_t text_fill(const struct scene *scene, const uint8_t *data, size_t size, char *out)
{
	const char *const stand_ins[] = {scene->via, scene->token, scene->peer_token,
					 scene->legacy_via};
	size_t length = 0;

	for (size_t i = 0; i < size; i++) {
		if (data[i] >= 1 && data[i] <= 4) {
			const char *text = stand_ins[data[i] - 1];

			if (length + strlen(text) > INPUT_MAX)
				break;
			memcpy(out + length, text, strlen(text));
			length += strlen(text);
		} else if (length < INPUT_MAX) {
			out[length++] = (char)data[i];
		}
	}
	return length;
}

static void aor_write(const struct sip_uri *uri, struct writer *w)
{
	MUST(sip_uri_canonical_aor(uri, w) == RESULT_OK);
}

/* The binding's, of a terminal. */
static uint32_t index_of(enum sender by)
{
	return by == LEGACY ? LEGACY_INDEX : (uint32_t)by + 1;
}

/* What comes back of a leg marked legacy has its series, as sent or put back. */
static void legacy_check(const struct scene *scene, const struct sip_message *sent)
{
	struct sip_address caller = kit_address("2001:1234::10", 0);
	struct sip_route_security series;

	if (sent->status <= 100)
		return;
	sip_route_security_read(sent, &series);
	MUST(series.count == 2 || series.count == 3);
	MUST(sip_route_security_entry_is(&series.entries[series.count - 1], &caller, 3));
	MUST(sip_route_security_entry_is(&series.entries[series.count - 2], &scene->kit->address,
					 3));
}

/* P6: the name is the sender's own, or nobody's. */
static void sender_check(const struct scene *scene, enum sender by, const struct sip_message *sent)
{
	char room[512];
	struct writer w = writer_make(room, sizeof(room));
	const struct binding *binding;
	struct text_key aor;

	if (by == PEER || by == CLEAR || sip_uri_is_anonymous(&sent->from.uri))
		return;
	binding = binding_table_at(&scene->kit->bindings, index_of(by));
	aor_write(&sent->from.uri, &w);
	aor = text_key_make(slice_make(room, w.len));
	MUST(binding_has_identity(binding, &aor));
}

static void identity_headers_check(enum sender by, const struct sip_message *sent)
{
	if (by == PEER)
		return;
	MUST(!sip_message_has(sent, SIP_HEADER_P_ASSERTED_IDENTITY));
	MUST(!sip_message_has(sent, SIP_HEADER_P_PREFERRED_IDENTITY));
	MUST(!sip_message_has(sent, SIP_HEADER_REMOTE_PARTY_ID));
}

/* Our entry on top, the previous hop's, or its annotation, below: never more of a terminal's. */
static void series_check(const struct scene *scene, enum sender by, const struct sip_message *sent)
{
	struct sip_route_security series;

	sip_route_security_read(sent, &series);
	MUST(series.count >= 2 && series.count <= LIMIT_ROUTE_SECURITY_ENTRIES);
	MUST(sip_route_security_entry_is(&series.entries[0], &scene->kit->address, 3));
	MUST(by == PEER || series.count <= 3);
	MUST(by != CLEAR || series.entries[1].level == SIP_LEVEL_ABSENT ||
	     series.entries[1].level == SIP_LEVEL_CLEAR);
}

static void request_check(const struct scene *scene, enum sender by,
			  const struct kit_result *result, const struct sip_message *sent)
{
	const struct sip_message *received = &scene->kit->message;
	struct sip_address host;

	MUST(sip_address_parse(sent->via.host, &host) == RESULT_OK);
	MUST(sip_address_is_same_host(&host, &scene->kit->address));
	MUST(sent->via.branch.len == BRANCH_CHARS && sent->via.sk.len > 0);
	MUST(sent->via_count == received->via_count + 1);
	MUST(sent->has_max_forwards && sent->max_forwards < 255);
	MUST(result->egress.kind == LEG_TERMINAL || result->egress.kind == LEG_PEER);
	sender_check(scene, by, sent);
	identity_headers_check(by, sent);
	series_check(scene, by, sent);
	MUST(slice_is_equal(sip_message_body(sent), sip_message_body(received)));
	MUST(slice_is_equal(sent->call_id, received->call_id));
}

/* Answers go to whoever sent, and never to an ACK. */
static void answer_check(const struct scene *scene, const struct kit_result *result,
			 const struct sip_message *sent)
{
	MUST(!sent->is_request && sent->status == result->status);
	if (result->status == 502)
		return;
	MUST(leg_is_equal(&result->egress.leg, &scene->kit->rules.ingress.leg));
	MUST(scene->kit->message.method != SIP_METHOD_ACK);
}

static void sent_check(const struct scene *scene, enum sender by, const struct kit_result *result)
{
	static struct sip_message sent;
	enum sip_verdict verdict = sip_message_parse(result->bytes, result->length, &sent);

	MUST(result->length <= LIMIT_SIP_MESSAGE_BYTES);
	/* An answer to what was refused in parsing may lack what that lacked. */
	if (result->status != 0) {
		MUST(sent.fault != SIP_FAULT_VIA);
		if (verdict == SIP_VERDICT_OK)
			answer_check(scene, result, &sent);
		return;
	}
	MUST(verdict == SIP_VERDICT_OK);
	if (sent.is_request)
		request_check(scene, by, result, &sent);
	else
		MUST(sent.via_count + 1 == scene->kit->message.via_count);
	if (!sent.is_request && by == LEGACY)
		legacy_check(scene, &sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scene *scene = scene_get();
	static char text[INPUT_MAX];
	static struct kit_result result;
	struct contract_event event;
	struct ingress_sa sa;
	enum sender by;
	size_t length;

	if (size == 0)
		return 0;
	by = (enum sender)(data[size - 1] % SENDERS);
	if (by == TERMINAL_2 && data[size - 1] & 0x10)
		by = LEGACY;
	length = text_fill(scene, data, size, text);
	scene->kit->set.route_security =
		data[size - 1] & 0x40 ? CONTRACT_RS_ANNOTATE : CONTRACT_RS_REQUIRE;
	gateway_kit_settings(scene->kit);
	if (by == CLEAR) {
		gateway_kit_receive_clear(scene->kit, "2001:db8::1", 5060, text, length, &result);
	} else {
		sa = by == PEER ? gateway_kit_from_peer(scene->kit, 1)
				: gateway_kit_from_terminal(scene->kit, index_of(by));
		gateway_kit_receive(scene->kit, &sa, text, length, &result);
	}
	if (result.end == KIT_SENT)
		sent_check(scene, by, &result);
	while (event_taken(scene->kit->events, &event))
		MUST(event.kind >= CONTRACT_EVENT_SENDER_MISMATCH);
	(void)deferred_poll(scene->kit->deferred);
	return 0;
}
