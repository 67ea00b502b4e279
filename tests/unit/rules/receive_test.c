#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/receive.h"
#include "tests/unit/event_taken.h"

static void send_bytes(struct gateway_kit *kit, const char *bytes, struct kit_result *result)
{
	struct text text = {.length = strlen(bytes)};

	memcpy(text.bytes, bytes, text.length);
	example_send_text(kit, BY_TERMINAL_1, &text, result);
}

static void good_request_is_forwarded(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	expect_sent(&result, LEG_PEER);
}

/* The operator hears why, and of whom. */
static void fault_is_told(struct gateway_kit *kit, enum sip_fault fault, unsigned status)
{
	struct contract_event event;

	assert_true(event_taken(kit->events, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_MALFORMED);
	assert_int_equal(event.fault, fault);
	assert_int_equal(event.status, status);
	assert_int_equal(event.came_by.kind, CONTRACT_LEG_TERMINAL);
	assert_int_equal(event.came_by.address.port, 5060);
	assert_false(event_taken(kit->events, &event));
}

static void keepalive_and_garbage_are_dropped(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_bytes(kit, "\r\n\r\n", &result);
	expect_drop(&result, DROP_sip_keepalive);
	assert_int_equal(event_next(kit), 0);
	send_bytes(kit, "not SIP at all", &result);
	expect_drop(&result, DROP_sip_unusable);
	fault_is_told(kit, SIP_FAULT_VIA, 0);
	send_bytes(kit, "INVITE sip:user-b@xyz.com SIP/2.0\r\n\r\n", &result);
	expect_drop(&result, DROP_sip_unusable);
	fault_is_told(kit, SIP_FAULT_VIA, 0);
}

/* One change to a good request, and what it gets. */
static void refused_requests_get_their_status(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned status;
		enum sip_fault fault;
	} rows[] = {
		{"SIP/2.0\r\n", "SIP/3.0\r\n", 505, SIP_FAULT_VERSION},
		{"sip:user-b@xyz.com SIP", "http://user-b@xyz.com SIP", 416, SIP_FAULT_URI_SCHEME},
		{"Content-Length: 0", "Content-Length: 10", 400, SIP_FAULT_BODY_SHORT},
		{"Max-Forwards: 70", "Max-Forwards: 300", 400, SIP_FAULT_MAX_FORWARDS},
		{"Call-ID: call-1\r\n", "", 400, SIP_FAULT_MISSING},
		{"CSeq: 1 INVITE", "CSeq: 1 BYE", 400, SIP_FAULT_CSEQ_METHOD},
		{"Call-ID: call-1\r\n", "Call-ID: call-1\r\ni: call-2\r\n", 400, SIP_FAULT_REPEATED},
		{"Call-ID: call-1\r\n", "Call-ID: call-1\r\nbroken\r\n", 400, SIP_FAULT_HEADER_LINE},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text text;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request_write(&(struct request_text){0}, &text);
		text_replace(&text, rows[i].from, rows[i].to);
		example_send_text(kit, BY_TERMINAL_1, &text, &result);
		expect_status(&result, rows[i].status);
		assert_int_equal(result.egress.kind, LEG_TERMINAL);
		assert_true(result_has(&result, ROUTE_SECURITY_1));
		fault_is_told(kit, rows[i].fault, rows[i].status);
	}
}

static void proxy_require_gets_420_that_says_what_is_unsupported(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.more = "Proxy-Require: future, more\r\n"}, &result);
	expect_status(&result, 420);
	assert_true(result_has(&result, "\r\nUnsupported: future, more\r\n"));
}

static void too_long_a_message_gets_513(void **state)
{
	struct gateway_kit *kit = *state;
	struct ingress_sa sa = gateway_kit_from_terminal(kit, 1);
	static char bytes[20000];
	struct kit_result result;
	struct text text;

	request_write(&(struct request_text){0}, &text);
	text_replace(&text, "Content-Length: 0", "Content-Length: 17000");
	memset(bytes, 'b', sizeof(bytes));
	memcpy(bytes, text.bytes, text.length);
	gateway_kit_receive(kit, &sa, bytes, 17500, &result);
	expect_status(&result, 513);
}

static void ack_is_never_answered(void **state)
{
	static const struct request_text rows[] = {
		{.method = "ACK", .more = "Proxy-Require: future\r\n"},
		{.method = "ACK", .from = "<sip:user-e@abc.com>"},
		{.method = "ACK", .route_security = ""},
		{.method = "ACK", .max_forwards = "Max-Forwards: 0\r\n"},
		{.method = "ACK", .target = "sip:user-d@abc.com"},
		{.method = "ACK", .more = "Call-ID: twice\r\n"},
		{.method = "ACK", .more = "Route: <sip:other.example;lr>\r\n"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &rows[i], &result);
		assert_int_equal(result.end, KIT_DROPPED);
	}
}

static void ack_to_our_own_answer_is_absorbed_and_no_other(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char tag[64];

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-d@abc.com"},
		     &result);
	expect_status(&result, 404);
	result_between(&result, "To: <sip:user-d@abc.com>;tag=", "\r\n", tag, sizeof(tag));
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){
			     .method = "ACK", .target = "sip:user-d@abc.com", .to_tag = tag},
		     &result);
	expect_drop(&result, DROP_sip_ack_absorbed);
	tag[5] ^= 1;
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){
			     .method = "ACK", .target = "sip:user-d@abc.com", .to_tag = tag},
		     &result);
	expect_drop(&result, DROP_sip_refused);
}

static void register_goes_to_the_control_plane_also_in_clear(void **state)
{
	const struct request_text request = {.method = "REGISTER", .target = "sip:abc.com"};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text text;

	example_send(kit, BY_TERMINAL_1, &request, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
	request_write(&request, &text);
	gateway_kit_receive_clear(kit, "2001:db8::1", 5060, text.bytes, text.length, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
}

static void sa_without_registration_admits_register_only(void **state)
{
	struct gateway_kit *kit = *state;
	struct ingress_sa sa = gateway_kit_from_terminal(kit, 1);
	struct kit_result result;
	struct text text;

	sa.owner_index = 0;
	request_write(&(struct request_text){.method = "REGISTER", .target = "sip:abc.com"}, &text);
	gateway_kit_receive(kit, &sa, text.bytes, text.length, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
	request_write(&(struct request_text){0}, &text);
	gateway_kit_receive(kit, &sa, text.bytes, text.length, &result);
	expect_status(&result, 403);
	text_replace(&text, "INVITE sip:user-b@xyz.com SIP/2.0", "SIP/2.0 200 OK");
	gateway_kit_receive(kit, &sa, text.bytes, text.length, &result);
	expect_drop(&result, DROP_sip_unregistered);
}

static void without_keys_only_register_passes(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 1), RESULT_OK);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	expect_drop(&result, DROP_sip_no_keys);
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.method = "REGISTER", .target = "sip:abc.com"},
		     &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
}

/* The answer to a question that the control plane has asked a peer. */
static void answer_to_our_own_options_goes_to_the_control_plane_from_a_peer_only(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"OPTIONS", "MESSAGE"},
		{"[2001:6789::5060]:5060;branch", "[2001:6789::5061]:5060;branch"},
		{";branch=z9hG4bKprobe", ";sk=abcd;branch=z9hG4bKprobe"},
		{"From:", "Via: SIP/2.0/UDP [2001:1234::10];branch=z9hG4bKx\r\nFrom:"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer, text;

	answer.length = (size_t)snprintf(
		answer.bytes, sizeof(answer.bytes),
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bKprobe1\r\n"
		"From: <sip:abc.com>;tag=probe\r\nTo: <sip:[2001:abcd::5060]>;tag=x\r\n"
		"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
	example_send_text(kit, BY_PEER, &answer, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
	example_send_text(kit, BY_TERMINAL_1, &answer, &result);
	expect_drop(&result, DROP_sip_response_via);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = answer;
		text_replace(&text, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &text, &result);
		expect_drop(&result, DROP_sip_response_via);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(answer_to_our_own_options_goes_to_the_control_plane_from_a_peer_only),
		KIT_TEST(good_request_is_forwarded),
		KIT_TEST(keepalive_and_garbage_are_dropped),
		KIT_TEST(refused_requests_get_their_status),
		KIT_TEST(proxy_require_gets_420_that_says_what_is_unsupported),
		KIT_TEST(too_long_a_message_gets_513),
		KIT_TEST(ack_is_never_answered),
		KIT_TEST(ack_to_our_own_answer_is_absorbed_and_no_other),
		KIT_TEST(register_goes_to_the_control_plane_also_in_clear),
		KIT_TEST(sa_without_registration_admits_register_only),
		KIT_TEST(without_keys_only_register_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
