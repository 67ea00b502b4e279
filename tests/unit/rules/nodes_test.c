/*
 * The rules as nodes (dataplane/nodes): the edge each takes, the drop reason it leaves, the bytes
 * in the buffer and the way out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "dataplane/packet_pool.h"
#include "tests/unit/rules/node_kit.h"

#define TO_B 33u /* outbound SA to the peer (gateway_kit_peer_make) */

static void send(struct node_kit *kit, enum example_sender by, const struct request_text *request)
{
	struct text text;

	request_write(request, &text);
	node_kit_send(kit, by, &text);
}

static void expect_dropped(const struct node_kit *kit, int edge, int wanted,
			   enum drop_reason reason)
{
	assert_int_equal(edge, wanted);
	assert_string_equal(drop_reason_name((enum drop_reason)kit->packet.drop_reason),
			    drop_reason_name(reason));
}

static void good_request_goes_from_node_to_node_and_is_sealed(void **state)
{
	struct node_kit *kit = *state;
	struct node_trace *trace = &kit->trace;

	send(kit, BY_TERMINAL_1, &(struct request_text){0});
	assert_int_equal(trace->sip_parse, SIP_PARSE_TO_FROM_CHECK);
	assert_int_equal(trace->from_check, FROM_CHECK_TO_HOP_CHECK);
	assert_int_equal(trace->hop_check, HOP_CHECK_TO_DIALOG);
	assert_int_equal(trace->dialog, DIALOG_TO_POLICY);
	assert_int_equal(trace->policy, POLICY_TO_LOCATE);
	assert_int_equal(trace->locate, LOCATE_TO_REWRITE);
	assert_int_equal(trace->rewrite, REWRITE_TO_ESP_SEAL);
	assert_int_equal(trace->reply, NODE_NOT_TAKEN);
	node_kit_expect_sealed(kit, TO_B,
			       "INVITE sip:user-b@xyz.com SIP/2.0\r\n"
			       "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bK");
}

static void request_to_a_terminal_leaves_by_its_sa(void **state)
{
	struct node_kit *kit = *state;

	send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-e@abc.com"});
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 2, "INVITE sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n");
}

static void sip_parse_takes_its_edges(void **state)
{
	struct text keepalive = {.length = 4, .bytes = "\r\n\r\n"};
	struct node_kit *kit = *state;

	node_kit_send(kit, BY_TERMINAL_1, &keepalive);
	expect_dropped(kit, kit->trace.sip_parse, SIP_PARSE_TO_DROP, DROP_sip_keepalive);
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "REGISTER", .target = "sip:abc.com"});
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_CONTROL);
	send(kit, BY_TERMINAL_1, &(struct request_text){.more = "Proxy-Require: x\r\n"});
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_REPLY);
	assert_int_equal(kit->trace.reply, REPLY_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 420 Bad Extension\r\n");
	assert_int_equal(binding_table_delete(&kit->gateway->bindings, 1, 1), RESULT_OK);
	send(kit, BY_TERMINAL_1, &(struct request_text){0});
	expect_dropped(kit, kit->trace.sip_parse, SIP_PARSE_TO_DROP, DROP_sip_owner_gone);
	gateway_kit_terminal(kit->gateway, 1, "user-a@abc.com", "2001:1234::10");
}

static void without_a_control_plane_its_requests_are_answered_503(void **state)
{
	struct node_kit *kit = *state;
	atomic_bool is_there = false;

	kit->worker.has_controlplane = &is_there;
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "REGISTER", .target = "sip:abc.com"});
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 503 Service Unavailable\r\n");
	assert_non_null(memmem(kit->packet.sip.at, kit->packet.sip.len, "\r\nRetry-After: ", 15));
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "OPTIONS", .target = "sip:abc.com"});
	assert_int_equal(kit->trace.hop_check, HOP_CHECK_TO_REPLY);
	is_there = true;
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "REGISTER", .target = "sip:abc.com"});
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_CONTROL);
	kit->worker.has_controlplane = NULL;
}

static void terminal_that_sends_too_fast_is_answered_503_and_its_acks_pass(void **state)
{
	struct node_kit *kit = *state;

	kit->gateway->set.requests_per_second_per_sa = 3;
	gateway_kit_settings(kit->gateway);
	for (unsigned i = 0; i < 3; i++) {
		send(kit, BY_TERMINAL_1, &(struct request_text){0});
		assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	}
	send(kit, BY_TERMINAL_1, &(struct request_text){0});
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 503 Service Unavailable\r\n");
	send(kit, BY_TERMINAL_1, &(struct request_text){.method = "ACK"});
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	send(kit, BY_TERMINAL_2,
	     &(struct request_text){.via = VIA_2,
				    .from = "<sip:user-e@abc.com>",
				    .route_security = ROUTE_SECURITY_2});
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	kit->gateway->set.requests_per_second_per_sa = 0;
	gateway_kit_settings(kit->gateway);
}

static void from_check_takes_its_edges(void **state)
{
	struct node_kit *kit = *state;
	struct text text;

	send(kit, BY_TERMINAL_1, &(struct request_text){.from = "<sip:user-e@abc.com>"});
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 403 Forbidden\r\n");
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "ACK", .from = "<sip:user-e@abc.com>"});
	expect_dropped(kit, kit->trace.from_check, FROM_CHECK_TO_DROP, DROP_sip_sender_mismatch);
	kit->gateway->set.insecure_access = CONTRACT_INSECURE_AUTHENTICATED;
	gateway_kit_settings(kit->gateway);
	request_write(&(struct request_text){0}, &text);
	node_kit_send_clear(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_CONTROL);
	kit->gateway->set.insecure_access = CONTRACT_INSECURE_OFF;
	gateway_kit_settings(kit->gateway);
}

static void clear_sender_is_answered_in_clear(void **state)
{
	struct node_kit *kit = *state;
	struct text text;

	request_write(&(struct request_text){0}, &text);
	node_kit_send_clear(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
	assert_int_equal(kit->trace.reply, REPLY_TO_CLEAR_OUT);
	assert_int_equal(kit->packet.egress.origin, CONTRACT_ORIGIN_CLEAR);
	assert_int_equal(kit->packet.egress.destination.bytes[3], 0xb8);
	assert_int_equal(kit->packet.egress.destination.port, 5060);
	assert_int_equal(kit->packet.egress.source.port, 5060);
	assert_memory_equal(kit->packet.egress.source.bytes, kit->gateway->address.bytes, 16);
}

#define VIA_TLS \
	"Via: SIP/2.0/TLS [2001:db8:7::1]:5061;branch=z9hG4bKtls\r\n"

static void tls_peer_put(struct gateway_kit *kit)
{
	struct contract_peer peer = gateway_kit_peer_make(2, "far.example", "2001:db8:7::1");

	peer.is_tls = 1;
	peer.sa_out_count = 0;
	gateway_kit_peer(kit, &peer);
}

static void sender_proved_by_digest_is_served_at_level_1(void **state)
{
	struct request_text request = {
		.target = "sip:user-e@abc.com",
		.from = "<sip:user-f@abc.com>",
		.via = "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKp\r\n",
		.route_security = "Route-Security: [2001:db8::1];level=1\r\n",
		.more = "Proxy-Authorization: Digest username=\"user-f@abc.com\"\r\n",
	};
	struct node_kit *kit = *state;
	struct text text;

	gateway_kit_identity(kit->gateway, "user-f@abc.com", 0);
	kit->gateway->set.insecure_access = CONTRACT_INSECURE_AUTHENTICATED;
	gateway_kit_settings(kit->gateway);
	request_write(&request, &text);
	node_kit_enter_proved(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 2, "INVITE sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n");
	assert_non_null(memmem(kit->packet.sip.at, kit->packet.sip.len,
			       "Route-Security: [2001:db8::1];level=1\r\n", 39));
	assert_null(memmem(kit->packet.sip.at, kit->packet.sip.len, "Authorization", 13));
	/* Under a name that has a secure channel, or must have one, a digest is worth nothing. */
	request.from = "<sip:user-a@abc.com>";
	request_write(&request, &text);
	node_kit_enter_proved(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
	assert_int_equal(kit->packet.status, 403);
	/* And another level than 1 is a forgery. */
	request.from = "<sip:user-f@abc.com>";
	request.route_security = "Route-Security: [2001:db8::1];level=3\r\n";
	request_write(&request, &text);
	node_kit_enter_proved(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.hop_check, HOP_CHECK_TO_REPLY);
	kit->gateway->set.insecure_access = CONTRACT_INSECURE_OFF;
	gateway_kit_settings(kit->gateway);
	request_write(&request, &text);
	node_kit_enter_proved(kit, "2001:db8::1", &text);
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
}

static void peer_over_tls_takes_every_step_both_ways(void **state)
{
	struct request_text out = {.target = "sip:user-z@far.example"};
	struct request_text in = {
		.target = "sip:user-e@abc.com",
		.from = "<sip:user-z@far.example>",
		.via = VIA_TLS,
		.route_security = "Route-Security: [2001:db8:7::1];level=3\r\n",
	};
	struct node_kit *kit = *state;
	atomic_bool is_there = true;
	struct text text;

	kit->worker.has_controlplane = &is_there;
	tls_peer_put(kit->gateway);
	send(kit, BY_TERMINAL_1, &out);
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_PEER_TLS);
	node_kit_expect_tls(kit, 2, "INVITE sip:user-z@far.example SIP/2.0\r\n");
	request_write(&in, &text);
	node_kit_enter_tls(kit, 2, "2001:db8:7::1", &text);
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 2, "INVITE sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n");
	in.from = "<sip:user-b@xyz.com>";
	request_write(&in, &text);
	node_kit_enter_tls(kit, 2, "2001:db8:7::1", &text);
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
	assert_int_equal(kit->trace.reply, REPLY_TO_PEER_TLS);
	node_kit_expect_tls(kit, 2, "SIP/2.0 403 Forbidden\r\n");
	is_there = false;
	send(kit, BY_TERMINAL_1, &out);
	assert_int_equal(kit->trace.locate, LOCATE_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 503 Service Unavailable\r\n");
	kit->worker.has_controlplane = NULL;
}

static void response_of_a_peer_over_tls_goes_back(void **state)
{
	struct request_text in = {
		.target = "sip:user-e@abc.com",
		.from = "<sip:user-z@far.example>",
		.via = VIA_TLS,
		.route_security = "Route-Security: [2001:db8:7::1];level=3\r\n",
	};
	struct node_kit *kit = *state;
	struct kit_result sent;
	struct text text;

	tls_peer_put(kit->gateway);
	send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-z@far.example"});
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_PEER_TLS);
	sent.end = KIT_SENT;
	sent.length = kit->packet.sip.len;
	memcpy(sent.bytes, kit->packet.sip.at, sent.length);
	response_write(&sent, 486, "z", &text);
	node_kit_enter_tls(kit, 2, "2001:db8:7::1", &text);
	assert_int_equal(kit->trace.response, RESPONSE_TO_ESP_SEAL);
	node_kit_send(kit, BY_PEER, &text); /* the right bytes by another peer */
	expect_dropped(kit, kit->trace.response, RESPONSE_TO_DROP, DROP_sip_response_leg);
	request_write(&in, &text);
	node_kit_enter_tls(kit, 2, "2001:db8:7::1", &text);
	sent.length = kit->packet.sip.len;
	memcpy(sent.bytes, kit->packet.sip.at, sent.length);
	response_write(&sent, 486, "e", &text);
	node_kit_send(kit, BY_TERMINAL_2, &text);
	assert_int_equal(kit->trace.response, RESPONSE_TO_PEER_TLS);
	node_kit_expect_tls(kit, 2, "SIP/2.0 486 Busy Here\r\n");
}

static void hop_check_takes_its_edges(void **state)
{
	struct node_kit *kit = *state;

	send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = ""});
	assert_int_equal(kit->trace.hop_check, HOP_CHECK_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 403 Forbidden\r\n");
	send(kit, BY_TERMINAL_1, &(struct request_text){.max_forwards = "Max-Forwards: 0\r\n"});
	assert_int_equal(kit->trace.hop_check, HOP_CHECK_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 483 Too Many Hops\r\n");
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "OPTIONS", .target = "sip:abc.com"});
	assert_int_equal(kit->trace.hop_check, HOP_CHECK_TO_CONTROL);
	send(kit, BY_TERMINAL_1, &(struct request_text){.method = "ACK", .route_security = ""});
	expect_dropped(kit, kit->trace.hop_check, HOP_CHECK_TO_DROP, DROP_sip_route_security);
}

static void dialog_takes_its_edges(void **state)
{
	struct request_text bye = {.method = "BYE", .to_tag = "b"};
	struct node_kit *kit = *state;
	struct kit_result invite;
	char entry[200], route[256];

	example_send(kit->gateway, BY_TERMINAL_1, &(struct request_text){0}, &invite);
	result_between(&invite, "Record-Route: ", "\r\n", entry, sizeof(entry));
	snprintf(route, sizeof(route), "Route: %s\r\n", entry);
	bye.more = route;
	send(kit, BY_TERMINAL_1, &bye);
	assert_int_equal(kit->trace.dialog, DIALOG_TO_REWRITE);
	assert_int_equal(kit->trace.policy, NODE_NOT_TAKEN);
	node_kit_expect_sealed(kit, TO_B, "BYE sip:user-b@xyz.com SIP/2.0\r\n");
	bye.more = "Route: <sip:AAAA@[2001:6789::5060];lr>\r\n";
	send(kit, BY_TERMINAL_1, &bye);
	assert_int_equal(kit->trace.dialog, DIALOG_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 481 ");
	bye.method = "ACK";
	send(kit, BY_TERMINAL_1, &bye);
	expect_dropped(kit, kit->trace.dialog, DIALOG_TO_DROP, DROP_sip_dialog_unknown);
}

static void policy_and_locate_take_their_edges(void **state)
{
	struct node_kit *kit = *state;

	gateway_kit_identity(kit->gateway, "user-f@abc.com", 0);
	send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-d@abc.com"});
	assert_int_equal(kit->trace.policy, POLICY_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 404 Not Found\r\n");
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "ACK", .target = "sip:user-d@abc.com"});
	expect_dropped(kit, kit->trace.policy, POLICY_TO_DROP, DROP_sip_refused);
	send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-f@abc.com"});
	assert_int_equal(kit->trace.locate, LOCATE_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 480 ");
	send(kit, BY_TERMINAL_1,
	     &(struct request_text){.method = "ACK", .target = "sip:user-f@abc.com"});
	expect_dropped(kit, kit->trace.locate, LOCATE_TO_DROP, DROP_sip_not_registered);
}

/* A body of so many bytes. */
static void long_request(size_t body, struct text *text)
{
	char head[64];

	request_write(&(struct request_text){0}, text);
	snprintf(head, sizeof(head), "Content-Length: %zu", body);
	text_replace(text, "Content-Length: 0", head);
	memset(text->bytes + text->length, 'b', body);
	text->length += body;
}

/* Whatever room is left behind it in its buffer: in place, or in a longer one. */
static void message_of_any_length_is_rewritten(void **state)
{
	struct node_kit *kit = *state;
	struct text text;

	for (size_t body = 1200; body < 15500; body += 97) {
		long_request(body, &text);
		node_kit_send(kit, BY_TERMINAL_1, &text);
		assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
		node_kit_expect_sealed(kit, TO_B, "INVITE sip:user-b@xyz.com SIP/2.0\r\n");
		assert_memory_equal(kit->packet.sip.at + kit->packet.sip.len - 5, "bbbbb", 5);
		assert_true(kit->packet.sip.len > text.length);
	}
}

static void message_that_would_grow_too_long_is_answered_513(void **state)
{
	struct node_kit *kit = *state;
	struct text text;

	long_request(15900, &text);
	node_kit_send(kit, BY_TERMINAL_1, &text);
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_REPLY);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 513 Message Too Large\r\n");
}

static void response_takes_its_edges(void **state)
{
	struct node_kit *kit = *state;
	struct kit_result sent;
	struct text answer;

	example_send(kit->gateway, BY_TERMINAL_1, &(struct request_text){0}, &sent);
	response_write(&sent, 486, "b", &answer);
	node_kit_send(kit, BY_PEER, &answer);
	assert_int_equal(kit->trace.sip_parse, SIP_PARSE_TO_RESPONSE);
	assert_int_equal(kit->trace.response, RESPONSE_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP [2001:1234::10]");
	text_replace(&answer, ROUTE_SECURITY_1, "");
	node_kit_send(kit, BY_PEER, &answer);
	assert_int_equal(kit->trace.response, RESPONSE_TO_BAD_GATEWAY);
	assert_int_equal(kit->trace.bad_gateway, BAD_GATEWAY_TO_ESP_SEAL);
	assert_int_equal(kit->made_count, 0);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 502 Bad Gateway\r\n");
	node_kit_send(kit, BY_TERMINAL_2, &answer);
	expect_dropped(kit, kit->trace.response, RESPONSE_TO_DROP, DROP_sip_response_leg);
}

/* No ghost calls: the caller gets a 502, the callee ACK and BYE. */
static void call_that_a_wrong_2xx_would_set_up_is_ended(void **state)
{
	struct node_kit *kit = *state;
	struct kit_result sent;
	struct text answer;

	example_send(kit->gateway, BY_TERMINAL_1,
		     &(struct request_text){.target = "sip:user-e@abc.com"}, &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, ROUTE_SECURITY_1, "Contact: <sip:user-e@[2001:1234::e]:5060>\r\n");
	node_kit_send(kit, BY_TERMINAL_2, &answer);
	assert_int_equal(kit->trace.bad_gateway, BAD_GATEWAY_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, 1, "SIP/2.0 502 Bad Gateway\r\n");
	assert_int_equal(kit->made_count, 2);
	node_kit_expect_made(kit, 0, 2, "ACK sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n");
	node_kit_expect_made(kit, 1, 2, "BYE sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n");
}

static void peer_gets_its_answer_by_its_outbound_sa(void **state)
{
	struct node_kit *kit = *state;

	send(kit, BY_PEER,
	     &(struct request_text){.target = "sip:user-e@abc.com",
				    .via = VIA_B,
				    .from = "<sip:user-a@abc.com>",
				    .route_security = ROUTE_SECURITY_B});
	assert_int_equal(kit->trace.from_check, FROM_CHECK_TO_REPLY);
	assert_int_equal(kit->trace.reply, REPLY_TO_ESP_SEAL);
	node_kit_expect_sealed(kit, TO_B, "SIP/2.0 403 Forbidden\r\n");
}

/* No buffer left: what needs one of its own is dropped with its reason, the rest goes on. */
static void without_buffers_answers_are_dropped_and_requests_go_on(void **state)
{
	struct node_kit *kit = *state;
	struct rte_mbuf *taken[64];
	unsigned count = 0;

	send(kit, BY_TERMINAL_1, &(struct request_text){0});
	rte_pktmbuf_free(kit->packet.mbuf);
	kit->packet.mbuf = NULL;
	while (count < 64 && (taken[count] = rte_pktmbuf_alloc(kit->worker.small_buffers)))
		count++;
	rte_pktmbuf_free(taken[--count]);
	send(kit, BY_TERMINAL_1, &(struct request_text){0});
	assert_int_equal(kit->trace.rewrite, REWRITE_TO_ESP_SEAL);
	send(kit, BY_TERMINAL_1, &(struct request_text){.from = "<sip:user-e@abc.com>"});
	expect_dropped(kit, kit->trace.reply, REPLY_TO_DROP, DROP_sip_no_room);
	while (count > 0)
		rte_pktmbuf_free(taken[--count]);
}

static int suite_begin(void **state)
{
	*state = node_kit_create();
	return 0;
}

static int suite_end(void **state)
{
	node_kit_destroy(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_request_goes_from_node_to_node_and_is_sealed),
		cmocka_unit_test(request_to_a_terminal_leaves_by_its_sa),
		cmocka_unit_test(sip_parse_takes_its_edges),
		cmocka_unit_test(without_a_control_plane_its_requests_are_answered_503),
		cmocka_unit_test(terminal_that_sends_too_fast_is_answered_503_and_its_acks_pass),
		cmocka_unit_test(from_check_takes_its_edges),
		cmocka_unit_test(clear_sender_is_answered_in_clear),
		cmocka_unit_test(sender_proved_by_digest_is_served_at_level_1),
		cmocka_unit_test(peer_over_tls_takes_every_step_both_ways),
		cmocka_unit_test(response_of_a_peer_over_tls_goes_back),
		cmocka_unit_test(hop_check_takes_its_edges),
		cmocka_unit_test(dialog_takes_its_edges),
		cmocka_unit_test(policy_and_locate_take_their_edges),
		cmocka_unit_test(message_of_any_length_is_rewritten),
		cmocka_unit_test(message_that_would_grow_too_long_is_answered_513),
		cmocka_unit_test(response_takes_its_edges),
		cmocka_unit_test(call_that_a_wrong_2xx_would_set_up_is_ended),
		cmocka_unit_test(peer_gets_its_answer_by_its_outbound_sa),
		cmocka_unit_test(without_buffers_answers_are_dropped_and_requests_go_on),
	};

	return cmocka_run_group_tests(tests, suite_begin, suite_end);
}
