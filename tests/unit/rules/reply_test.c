#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/reply.h"

static void answer_is_the_same_each_time_and_its_tag_tells_requests_apart(void **state)
{
	struct request_text request = {.target = "sip:user-d@abc.com"};
	struct gateway_kit *kit = *state;
	struct kit_result first, second;
	char tag[64], other[64];

	example_send(kit, BY_TERMINAL_1, &request, &first);
	gateway_kit_key(kit, CONTRACT_KEY_SK, 2);
	example_send(kit, BY_TERMINAL_1, &request, &second);
	expect_status(&first, 404);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.bytes, second.bytes, first.length);
	result_between(&first, ">;tag=sk", "\r\n", tag, sizeof(tag));
	assert_int_equal(strlen(tag), 12);
	request.cseq = "2";
	example_send(kit, BY_TERMINAL_1, &request, &second);
	result_between(&second, ">;tag=sk", "\r\n", other, sizeof(other));
	assert_string_not_equal(tag, other);
}

static void answer_goes_back_by_its_leg_whatever_via_says(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){
			     .target = "sip:user-d@abc.com",
			     .via = "Via: SIP/2.0/UDP 192.0.2.66:6666;branch=z9hG4bKx\r\n"},
		     &result);
	expect_status(&result, 404);
	assert_int_equal(result.egress.kind, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 1);
	assert_true(result_has(&result, "Via: SIP/2.0/UDP 192.0.2.66:6666;branch=z9hG4bKx;"
					"received=2001:1234::10\r\n"));
}

static void whole_answer_reads_as_it_should(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char tag[64], expected[1024];

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.from = "<sip:user-e@abc.com>"},
		     &result);
	expect_status(&result, 403);
	result_between(&result, "xyz.com>;tag=", "\r\n", tag, sizeof(tag));
	snprintf(expected, sizeof(expected),
		 "SIP/2.0 403 Forbidden\r\n"
		 "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;"
		 "received=2001:1234::10\r\n" ROUTE_SECURITY_1
		 "From: <sip:user-e@abc.com>;tag=a\r\nTo: <sip:user-b@xyz.com>;tag=%s\r\n"
		 "Call-ID: call-1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		 tag);
	assert_int_equal(result.length, strlen(expected));
	assert_memory_equal(result.bytes, expected, result.length);
}

/* A final response whose series was changed, made into a 502. */
static void send_changed(struct gateway_kit *kit, unsigned status, struct kit_result *result)
{
	struct kit_result sent;
	struct text answer;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &sent);
	response_write(&sent, status, "theirs", &answer);
	text_replace(&answer, ROUTE_SECURITY_1, "");
	example_send_text(kit, BY_PEER, &answer, result);
	expect_status(result, 502);
}

static void bad_gateway_carries_no_series_and_keeps_the_tag_of_a_refusal(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_changed(kit, 486, &result);
	assert_false(result_has(&result, "Route-Security"));
	assert_false(result_has(&result, ";sk="));
	assert_true(result_has(&result, "SIP/2.0 502 Bad Gateway\r\nVia: SIP/2.0/UDP "
					"[2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;"
					"received=2001:1234::10\r\nFrom: "));
	assert_true(result_has(&result, "To: <sip:user-b@xyz.com>;tag=theirs\r\n"));
}

static void bad_gateway_for_a_2xx_has_a_tag_of_ours_whose_ack_is_absorbed(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char tag[64];

	send_changed(kit, 200, &result);
	assert_false(result_has(&result, "theirs"));
	result_between(&result, "To: <sip:user-b@xyz.com>;tag=", "\r\n", tag, sizeof(tag));
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = "ACK", .to_tag = tag},
		     &result);
	expect_drop(&result, DROP_sip_ack_absorbed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(answer_is_the_same_each_time_and_its_tag_tells_requests_apart),
		KIT_TEST(answer_goes_back_by_its_leg_whatever_via_says),
		KIT_TEST(whole_answer_reads_as_it_should),
		KIT_TEST(bad_gateway_carries_no_series_and_keeps_the_tag_of_a_refusal),
		KIT_TEST(bad_gateway_for_a_2xx_has_a_tag_of_ours_whose_ack_is_absorbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
