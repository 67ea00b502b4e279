#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/ua/request.h"

static const char invite[] = "INVITE sip:user-b@xyz.com SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
			     "Route: <sip:r@[2001:6789::5060]:5060;lr>\r\n"
			     "Route-Security: [2001:1234::10];level=3\r\n"
			     "Max-Forwards: 70\r\n"
			     "From: <sip:user-a@abc.com>;tag=a\r\n"
			     "To: <sip:user-b@xyz.com>\r\n"
			     "Call-ID: call\r\n"
			     "CSeq: 1 INVITE\r\n"
			     "Contact: <sip:user-a@[2001:1234::10]:5060>\r\n"
			     "Allow: INVITE\r\n"
			     "Content-Type: text/plain\r\n"
			     "Content-Length: 4\r\n"
			     "\r\n"
			     "body";

static void assert_written(const struct writer *w, const char *expected)
{
	assert_false(w->is_full);
	assert_int_equal(w->len, strlen(expected));
	assert_memory_equal(w->at, expected, w->len);
}

static void whole_request_is_written_in_the_order_of_the_example(void **state)
{
	char bytes[2048];
	struct writer w = writer_make(bytes, sizeof(bytes));
	struct request request = {
		.method = SLICE("INVITE"),
		.max_forwards = 70,
		.uri = SLICE("sip:user-b@xyz.com"),
		.branch = SLICE("z9hG4bKt1"),
		.route_lines = SLICE("Route: <sip:r@[2001:6789::5060]:5060;lr>\r\n"),
		.route_security_lines = SLICE("Route-Security: [2001:1234::10];level=3\r\n"),
		.from = SLICE("sip:user-a@abc.com"),
		.from_tag = SLICE("a"),
		.to = SLICE("sip:user-b@xyz.com"),
		.call_id = SLICE("call"),
		.cseq = 1,
		.contact = SLICE("<sip:user-a@[2001:1234::10]:5060>"),
		.extra_lines = SLICE("Allow: INVITE\r\n"),
		.content_type = SLICE("text/plain"),
		.body = SLICE("body"),
	};

	(void)state;
	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &request.via),
			 RESULT_OK);
	request_write(&request, &w);
	assert_written(&w, invite);
}

static void ack_and_cancel_are_the_invite_but_for_method_to_and_body(void **state)
{
	char bytes[2048];
	struct writer ack = writer_make(bytes, sizeof(bytes));
	struct writer cancel = writer_make(bytes, sizeof(bytes));
	struct sip_message message;

	(void)state;
	assert_int_equal(sip_message_parse(invite, sizeof(invite) - 1, &message), SIP_VERDICT_OK);
	request_write_ack(&message, SLICE("<sip:user-b@xyz.com>;tag=b"), &ack);
	assert_written(&ack, "ACK sip:user-b@xyz.com SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
			     "Route: <sip:r@[2001:6789::5060]:5060;lr>\r\n"
			     "Route-Security: [2001:1234::10];level=3\r\n"
			     "Max-Forwards: 70\r\n"
			     "From: <sip:user-a@abc.com>;tag=a\r\n"
			     "To: <sip:user-b@xyz.com>;tag=b\r\n"
			     "Call-ID: call\r\n"
			     "CSeq: 1 ACK\r\n"
			     "Content-Length: 0\r\n\r\n");
	request_write_cancel(&message, &cancel);
	assert_written(&cancel, "CANCEL sip:user-b@xyz.com SIP/2.0\r\n"
				"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
				"Route: <sip:r@[2001:6789::5060]:5060;lr>\r\n"
				"Route-Security: [2001:1234::10];level=3\r\n"
				"Max-Forwards: 70\r\n"
				"From: <sip:user-a@abc.com>;tag=a\r\n"
				"To: <sip:user-b@xyz.com>\r\n"
				"Call-ID: call\r\n"
				"CSeq: 1 CANCEL\r\n"
				"Content-Length: 0\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_request_is_written_in_the_order_of_the_example),
		cmocka_unit_test(ack_and_cancel_are_the_invite_but_for_method_to_and_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
