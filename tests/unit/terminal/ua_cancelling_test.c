/* Calls that are taken back, from either side and at every moment. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/cancelling.h"

#define THEIR_CONTACT "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"
#define CANCEL                                                                                     \
	"CANCEL sip:user-b@xyz.com SIP/2.0\n"                                                      \
	"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKcall\n"                                     \
	"From: <sip:user-a@abc.com>;tag=pa\nTo: <sip:user-b@xyz.com>\n"                            \
	"Call-ID: phone-call\nCSeq: 7 CANCEL\n" NO_BODY

static void a_client_takes_back_what_rings(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, SOME_SDP);
	phone_says(&bench, CANCEL);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_int_equal(bench.sent_count, 1); /* it waits for a provisional response */
	gateway_answers(&bench, "180 Ringing", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT NO_BODY);
	assert_has_line(bench_last(&bench), "CSeq: 7 CANCEL");
	bench.sent_count--; /* the INVITE is answered, not the CANCEL */
	free(bench.sent[bench.sent_count]);
	gateway_answers(&bench, "487 Request Terminated", WHOLE_SERIES, "bee", NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 487 Request Terminated");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void an_answer_that_crosses_it_is_acknowledged_and_ended(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, SOME_SDP);
	phone_says(&bench, CANCEL);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT SOME_SDP);
	assert_has_line(bench.sent[1], "CSeq: 7 ACK");
	assert_has_line(bench.sent[2], "CSeq: 8 BYE");
	assert_has_line(phone_last(&bench), "SIP/2.0 487 Request Terminated");
	bench_end(&bench);
}

static void the_other_side_takes_back_what_rings_here(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT SOME_SDP);
	phone_answers(&bench, "180 Ringing", "pb", NO_BODY);
	gateway_asks(&bench, "CANCEL", "inv", 3, "", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 487 Request Terminated");
	assert_has_line(phone_last(&bench), "CSeq: 3 CANCEL");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

/* The client has not said anything yet: its CANCEL must wait, and its 200 may come first. */
static void a_client_that_answers_too_late_is_released(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT SOME_SDP);
	gateway_asks(&bench, "CANCEL", "inv", 3, "", NO_BODY);
	assert_int_equal(bench.rung_count, 1);
	phone_answers(&bench, "200 OK", "pb", "Contact: <sip:me@127.0.0.1:5070>\n" SOME_SDP);
	assert_has_line(bench.rung[1], "ACK sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.rung[2], "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.rung[2], "CSeq: 4 BYE");
	bench_end(&bench);
}

static void what_rings_too_long_is_given_up_on_both_sides(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT SOME_SDP);
	phone_answers(&bench, "180 Ringing", "pb", NO_BODY);
	bench_forget(&bench);
	bench_pass(&bench, TIMER_RING_MS);
	assert_has_line(bench.sent[0], "SIP/2.0 480 Temporarily Unavailable");
	assert_has_line(bench.rung[0], "CSeq: 3 CANCEL");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_takes_back_what_rings),
		cmocka_unit_test(an_answer_that_crosses_it_is_acknowledged_and_ended),
		cmocka_unit_test(the_other_side_takes_back_what_rings_here),
		cmocka_unit_test(a_client_that_answers_too_late_is_released),
		cmocka_unit_test(what_rings_too_long_is_given_up_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
