/* Requests within a call: carried with their numbers, answered here, or refused. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/call.h"

static void methods_cross_and_their_answers_come_back(void **state)
{
	static const char *const methods[] = {"INFO",	"MESSAGE", "OPTIONS",  "REFER",
					      "NOTIFY", "PRACK",   "SUBSCRIBE"};
	struct bench bench;
	char line[64];

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		bench_forget(&bench);
		snprintf(line, sizeof(line), "CSeq: %u %s", 8 + i, methods[i]);
		phone_asks(&bench, methods[i], methods[i], 8 + i, true,
			   "RAck: 1 7 INVITE\nRefer-To: <sip:user-c@abc.com>\n" NO_BODY);
		assert_has_line(bench_last(&bench), line);
		assert_has_line(bench_last(&bench), "RAck: 1 7 INVITE");
		assert_has_line(bench_last(&bench), "Refer-To: <sip:user-c@abc.com>");
		gateway_answers(&bench, "202 Accepted", WHOLE_SERIES, "bee", NO_BODY);
		assert_has_line(phone_last(&bench), "SIP/2.0 202 Accepted");
		assert_has_line(phone_last(&bench), line);

		gateway_asks(&bench, methods[i], methods[i], 30 + i, "pa",
			     "Event: refer\n" NO_BODY);
		snprintf(line, sizeof(line), "CSeq: %u %s", 30 + i, methods[i]);
		assert_has_line(phone_last(&bench), line);
		assert_has_line(phone_last(&bench), "Event: refer");
		phone_answers(&bench, "200 OK", "pa", NO_BODY);
		assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
		assert_has_line(bench_last(&bench), line);
	}
	bench_end(&bench);
}

static void an_update_moves_the_target(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	phone_asks(&bench, "UPDATE", "up", 8, true,
		   "Contact: <sip:elsewhere@127.0.0.1:5071>\n" NO_BODY);
	assert_has_line(bench_last(&bench), "Contact: <sip:user-a@[2001:1234::10]:5060>");
	gateway_asks(&bench, "INFO", "info", 30, "pa", NO_BODY);
	assert_has_line(phone_last(&bench), "INFO sip:elsewhere@127.0.0.1:5071 SIP/2.0");
	phone_asks(&bench, "UPDATE", "bad", 9, true, NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 400 Bad Request");
	bench_end(&bench);
}

/* The agent has another address since; what the gateway delivers still names the old one. */
static void move(struct bench *bench)
{
	struct series_link link = {.level = 3};

	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::99]:5060"), &link.own),
			 RESULT_OK);
	assert_int_equal(sip_address_parse_port(SLICE("[2001:6789::5060]:5060"), &link.gateway),
			 RESULT_OK);
	link.host = link.own;
	ua_link_set(bench->ua, &link);
}

static void a_call_is_known_by_its_dialog_after_a_move(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	move(&bench);
	gateway_asks(&bench, "MESSAGE", "new", 1, "", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 404 Not Found");
	gateway_asks(&bench, "BYE", "forged", 30, "nobody", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 404 Not Found");
	gateway_asks(&bench, "BYE", "bye", 30, "pa", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(phone_last(&bench), "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void what_rings_is_taken_back_after_a_move(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "",
		     TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" SOME_SDP);
	move(&bench);
	gateway_asks(&bench, "CANCEL", "other", 3, "", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	gateway_asks(&bench, "CANCEL", "inv", 3, "", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 487 Request Terminated");
	bench_end(&bench);
}

static void bye_is_answered_at_once_and_carried_with_its_reason(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	phone_asks(&bench, "BYE", "bye", 8, true, "Reason: Q.850;cause=16\n" NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(bench_last(&bench), "Reason: Q.850;cause=16");
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", NO_BODY);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);

	phone_bench_make(&bench, false);
	phone_called_established(&bench);
	gateway_asks(&bench, "BYE", "bye", 4, "pb", "Reason: SIP;cause=200\n" NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(phone_last(&bench), "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(phone_last(&bench), "Reason: SIP;cause=200");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void hanging_up_here_tells_both_sides(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_has_line(bench_last(&bench), "CSeq: 8 BYE");
	assert_has_line(phone_last(&bench), "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	bench_end(&bench);
}

static void what_is_in_no_call_or_too_late_is_refused(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	phone_asks(&bench, "INFO", "other", 8, false, NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	phone_asks(&bench, "INFO", "old", 3, true, NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 500 Server Internal Error");
	gateway_asks(&bench, "INFO", "other", 3, "xx", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

static void a_request_that_the_client_does_not_answer_is_480(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	gateway_asks(&bench, "INFO", "info", 30, "pa", NO_BODY);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_has_line(bench_last(&bench), "SIP/2.0 480 Temporarily Unavailable");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_cross_and_their_answers_come_back),
		cmocka_unit_test(an_update_moves_the_target),
		cmocka_unit_test(a_call_is_known_by_its_dialog_after_a_move),
		cmocka_unit_test(what_rings_is_taken_back_after_a_move),
		cmocka_unit_test(bye_is_answered_at_once_and_carried_with_its_reason),
		cmocka_unit_test(hanging_up_here_tells_both_sides),
		cmocka_unit_test(what_is_in_no_call_or_too_late_is_refused),
		cmocka_unit_test(a_request_that_the_client_does_not_answer_is_480),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
