#include "tests/unit/shared/sip_request.h"

#include "shared/sip/reply.h"

static struct sip_message message;
static struct sip_message answer;
static char buffer[8192];

static struct sip_address source(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(text_slice(text), &out), RESULT_OK);
	return out;
}

static struct slice replied(const struct sip_reply *reply)
{
	struct writer w = writer_make(buffer, sizeof(buffer));

	assert_int_equal(sip_reply_write(&message, reply, &w), RESULT_OK);
	return slice_make(w.at, w.len);
}

/* Section 5.2 of the example call: gateway A refuses a foreign From. */
static void a_refusal_carries_what_the_request_came_with(void **state)
{
	struct sip_reply reply = {
		.status = 403, .to_tag = SLICE("tagA"), .source = source("[2001:1234::10]:5060")};

	(void)state;
	request_parse(REQUEST("Route-Security: [2001:1234::10];level=3\r\nMax-Forwards: 70\r\n"
			      "Record-Route: <sip:r;lr>\r\n"),
		      &message);
	assert_slice(replied(&reply),
		     "SIP/2.0 403 Forbidden\r\n"
		     "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;"
		     "received=2001:1234::10\r\n"
		     "Route-Security: [2001:1234::10];level=3\r\n"
		     "From: <sip:user-a@abc.com>;tag=a1\r\n"
		     "To: <sip:user-b@xyz.com>;tag=tagA\r\n"
		     "Call-ID: c1@abc.com\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
}

static void all_that_can_be_asked_for_is_written(void **state)
{
	struct sip_reply reply = {
		.status = 200,
		.reason = SLICE("Fine"),
		.to_tag = SLICE("b"),
		.extra = SLICE("Contact: <sip:x>\r\nSupported: y\r\n"),
		.content_type = SLICE("application/sdp"),
		.body = SLICE("v=0\r\n"),
		.has_no_route_security = true,
		.has_record_route = true,
	};

	(void)state;
	request_parse(REQUEST("Route-Security: 192.0.2.1\r\nRecord-Route: <sip:r1>,<sip:r2>\r\n"
			      "Via: SIP/2.0/UDP below\r\nRecord-Route: <sip:r3>\r\n"),
		      &message);
	assert_slice(replied(&reply),
		     "SIP/2.0 200 Fine\r\n" REQUEST_VIA "Via: SIP/2.0/UDP below\r\n"
		     "Record-Route: <sip:r1>,<sip:r2>\r\n"
		     "Record-Route: <sip:r3>\r\n" REQUEST_FROM "To: <sip:user-b@xyz.com>;tag=b\r\n"
		     "Call-ID: c1@abc.com\r\nCSeq: 1 INVITE\r\n"
		     "Contact: <sip:x>\r\nSupported: y\r\n"
		     "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\n"
		     "v=0\r\n");
}

static void a_tag_that_is_there_stays(void **state)
{
	struct sip_reply reply = {.status = 481, .to_tag = SLICE("ours")};
	struct slice text;

	(void)state;
	request_parse("BYE sip:a@b SIP/2.0\r\n" REQUEST_VIA REQUEST_FROM
		      "To: <sip:c@d>;tag=theirs\r\nCall-ID: c\r\nCSeq: 2 BYE\r\n\r\n",
		      &message);
	text = replied(&reply);
	assert_int_equal(sip_message_parse(text.at, text.len, &answer), SIP_VERDICT_OK);
	assert_slice(answer.to.tag, "theirs");
}

static void a_folded_to_gets_its_tag_at_its_end(void **state)
{
	struct sip_reply reply = {.status = 404, .to_tag = SLICE("ours")};
	struct slice text;

	(void)state;
	request_parse(REQUEST_START REQUEST_VIA REQUEST_FROM "To :\r\n <sip:c@d>\r\n ;x=y  \r\n"
							     "Call-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
		      &message);
	text = replied(&reply);
	assert_int_equal(sip_message_parse(text.at, text.len, &answer), SIP_VERDICT_OK);
	assert_slice(answer.to.tag, "ours");
	assert_slice(sip_message_value(&answer, SIP_HEADER_TO), "<sip:c@d>\r\n ;x=y;tag=ours");
}

static void what_a_refused_request_lacks_is_left_out(void **state)
{
	static const char text[] = REQUEST_START REQUEST_VIA
		"From: <sip:a@b\r\nFrom: <sip:c@d>\r\nbroken\r\nCSeq: 1 INVITE\r\n\r\n";
	struct sip_reply reply = {.status = 400, .to_tag = SLICE("t")};

	(void)state;
	assert_int_equal(sip_message_parse(text, sizeof(text) - 1, &message), SIP_VERDICT_REFUSE);
	assert_slice(replied(&reply), "SIP/2.0 400 Bad Request\r\n" REQUEST_VIA
				      "From: <sip:a@b\r\nCSeq: 1 INVITE\r\n"
				      "Content-Length: 0\r\n\r\n");
}

/* A bare line end that came in must not end a line of ours. */
static void a_reply_cannot_be_made_to_carry_lines_of_the_sender(void **state)
{
	static const char text[] = REQUEST_START REQUEST_VIA
		"Route-Security: 192.0.2.1\nX-Evil: 1\rX-Evil: 2\r\n" REQUEST_FROM
		"To: <sip:a@b>\n\r\nCall-ID: c\n\ni: d\r\nCSeq: 1 INVITE\r\n\r\n";
	struct sip_reply reply = {.status = 400, .to_tag = SLICE("t")};
	struct slice out;

	(void)state;
	assert_int_equal(sip_message_parse(text, sizeof(text) - 1, &message), SIP_VERDICT_REFUSE);
	assert_int_equal(message.fault, SIP_FAULT_BARE_LINE_END);
	out = replied(&reply);
	for (size_t i = 0; i < out.len; i++) {
		if (out.at[i] == '\r')
			assert_true(i + 1 < out.len && out.at[i + 1] == '\n');
		if (out.at[i] == '\n')
			assert_true(i > 0 && out.at[i - 1] == '\r');
	}
	assert_int_equal(sip_message_parse(out.at, out.len, &answer), SIP_VERDICT_DROP);
	assert_int_equal(answer.fault, SIP_FAULT_CALL_ID);
	assert_int_equal(answer.line_count, 7);
	assert_false(answer.has_bare);
}

static void a_513_answers_what_was_too_large(void **state)
{
	static char text[20000] = REQUEST_START REQUEST_VIA REQUEST_REST "\r\n";
	struct sip_reply reply = {.to_tag = SLICE("t")};
	struct slice out;

	(void)state;
	assert_int_equal(sip_message_parse(text, sizeof(text), &message), SIP_VERDICT_REFUSE);
	reply.status = (uint16_t)sip_fault_status(message.fault);
	out = replied(&reply);
	assert_int_equal(sip_message_parse(out.at, out.len, &answer), SIP_VERDICT_OK);
	assert_int_equal(answer.status, 513);
}

static void every_message_that_does_not_fit_is_refused(void **state)
{
	struct sip_reply reply = {
		.status = 486, .to_tag = SLICE("t"), .source = source("1.2.3.4:5")};
	size_t whole;

	(void)state;
	request_parse(REQUEST("Route-Security: 192.0.2.1\r\n"), &message);
	whole = replied(&reply).len;
	for (size_t cap = 0; cap < whole; cap++) {
		struct writer w = writer_make(buffer, cap);

		assert_int_equal(sip_reply_write(&message, &reply, &w), RESULT_SPACE);
	}
}

static void every_status_has_a_phrase(void **state)
{
	(void)state;
	for (unsigned status = 100; status < 700; status++)
		assert_true(sip_reply_phrase(status).len > 0);
	assert_slice(sip_reply_phrase(404), "Not Found");
	assert_slice(sip_reply_phrase(299), "OK");
	assert_slice(sip_reply_phrase(499), "Bad Request");
	assert_slice(sip_reply_phrase(0), "Unknown");
	assert_slice(sip_reply_phrase(700), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_carries_what_the_request_came_with),
		cmocka_unit_test(all_that_can_be_asked_for_is_written),
		cmocka_unit_test(a_tag_that_is_there_stays),
		cmocka_unit_test(a_folded_to_gets_its_tag_at_its_end),
		cmocka_unit_test(what_a_refused_request_lacks_is_left_out),
		cmocka_unit_test(a_reply_cannot_be_made_to_carry_lines_of_the_sender),
		cmocka_unit_test(a_513_answers_what_was_too_large),
		cmocka_unit_test(every_message_that_does_not_fit_is_refused),
		cmocka_unit_test(every_status_has_a_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
