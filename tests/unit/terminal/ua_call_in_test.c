/* The example call as terminal 2 sees it: hops 3 and 4. */
#include "tests/unit/terminal/ua_bench.h"

#define VIAS                                                                                       \
	"Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bKb1;sk=skB\n"                        \
	"Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bKa1;sk=skA\n"                        \
	"Via: SIP/2.0/UDP "                                                                        \
	"[2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;received=2001:1234::10\n"
#define SERIES                                                                                     \
	"Route-Security: [2001:abcd::5060];level=3\n"                                              \
	"Route-Security: [2001:6789::5060];level=3\n"                                              \
	"Route-Security: [2001:1234::10];level=3\n"
#define RECORD_ROUTES                                                                              \
	"Record-Route: <sip:tokenB@[2001:abcd::5060]:5060;lr>\n"                                   \
	"Record-Route: <sip:tokenA@[2001:6789::5060]:5060;lr>\n"

static const char invite[] =
	"INVITE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n" VIAS RECORD_ROUTES SERIES
	"Max-Forwards: 68\n"
	"From: <sip:user-a@abc.com>;tag=a\n"
	"To: <sip:user-b@xyz.com>\n"
	"Call-ID: call\n"
	"CSeq: 1 INVITE\n"
	"Contact: <sip:user-a@[2001:1234::10]:5060>\n"
	"Content-Length: 0\n\n";

static const char *const via_values[] = {
	"SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bKb1;sk=skB",
	"SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bKa1;sk=skA",
	"SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;received=2001:1234::10",
};
static const char *const series_values[] = {"[2001:abcd::5060];level=3",
					    "[2001:6789::5060];level=3", "[2001:1234::10];level=3"};
static const char *const record_routes[] = {"<sip:tokenB@[2001:abcd::5060]:5060;lr>",
					    "<sip:tokenA@[2001:6789::5060]:5060;lr>"};

/* A response of hop 4 to the INVITE or its kin. */
static void assert_echo(const char *message, const char *status_line, const char *cseq)
{
	assert_has_line(message, status_line);
	assert_lines(message, "Via", via_values, 3);
	assert_lines(message, "Route-Security", series_values, 3);
	assert_has_line(message, "From: <sip:user-a@abc.com>;tag=a");
	assert_has_line(message, "Call-ID: call");
	assert_has_line(message, cseq);
}

/* In-dialog requests of the caller, as hop 3 shows them. */
static void hear_in_dialog(struct bench *bench, const char *method, unsigned cseq,
			   const char *branch, const char *to_tag)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n"
		 "Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bK%s;sk=sk\n" SERIES
		 "Max-Forwards: 68\n"
		 "From: <sip:user-a@abc.com>;tag=a\n"
		 "To: <sip:user-b@xyz.com>;tag=%s\n"
		 "Call-ID: call\n"
		 "CSeq: %u %s\n"
		 "Content-Length: 0\n\n",
		 method, branch, to_tag, cseq, method);
	bench_hear(bench, text);
}

static void invite_rings_then_is_answered_as_the_example_shows(void **state)
{
	struct bench bench;
	char tag[64], again[64];

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	assert_echo(bench_last(&bench), "SIP/2.0 180 Ringing", "CSeq: 1 INVITE");
	assert_lines(bench_last(&bench), "Record-Route", record_routes, 2);
	assert_has_line(bench_last(&bench), "Contact: <sip:user-b@[2001:cdef::10]:5060>");
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", tag, sizeof(tag));
	assert_told(&bench, 0, UA_EVENT_INCOMING, 0);
	assert_string_equal(bench.told[0].party, "sip:user-a@abc.com");

	assert_int_equal(ua_answer(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_echo(bench_last(&bench), "SIP/2.0 200 OK", "CSeq: 1 INVITE");
	assert_lines(bench_last(&bench), "Record-Route", record_routes, 2);
	assert_has_line(bench_last(&bench), "Contact: <sip:user-b@[2001:cdef::10]:5060>");
	assert_has_line(bench_last(&bench), "Content-Type: application/sdp");
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", again, sizeof(again));
	assert_string_equal(tag, again);

	hear_in_dialog(&bench, "ACK", 1, "b2", tag);
	assert_told(&bench, 1, UA_EVENT_ESTABLISHED, 0);
	assert_int_equal(bench.sent_count, 2);
	bench_pass(&bench, 60000);
	assert_int_equal(bench.sent_count, 2);

	hear_in_dialog(&bench, "BYE", 2, "b3", tag);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	assert_lines(bench_last(&bench), "Route-Security", series_values, 3);
	assert_lacks(bench_last(&bench), "Record-Route");
	assert_has_line(bench_last(&bench), "CSeq: 2 BYE");
	assert_told(&bench, 2, UA_EVENT_ENDED, 0);
	assert_false(bench.told[2].is_by_us);
	bench_end(&bench);
}

static void bye_of_the_callee_takes_the_route_in_the_order_it_came(void **state)
{
	static const char *const routes[] = {"<sip:tokenB@[2001:abcd::5060]:5060;lr>",
					     "<sip:tokenA@[2001:6789::5060]:5060;lr>"};
	static const char *const own[] = {"[2001:cdef::10];level=3"};
	struct bench bench;
	char tag[64], line[256], branch[128], response[2048];

	(void)state;
	bench_make(&bench, true, true);
	bench_hear(&bench, invite);
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", tag, sizeof(tag));
	hear_in_dialog(&bench, "ACK", 1, "b2", tag);
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);

	assert_has_line(bench_last(&bench), "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0");
	assert_lines(bench_last(&bench), "Route", routes, 2);
	assert_lines(bench_last(&bench), "Route-Security", own, 1);
	assert_has_line(bench_last(&bench), "Max-Forwards: 70");
	snprintf(line, sizeof(line), "From: <sip:user-b@xyz.com>;tag=%s", tag);
	assert_has_line(bench_last(&bench), line);
	assert_has_line(bench_last(&bench), "To: <sip:user-a@abc.com>;tag=a");
	assert_has_line(bench_last(&bench), "CSeq: 1 BYE");
	between(bench_last(&bench), "branch=", ";", branch, sizeof(branch));
	snprintf(line, sizeof(line), "Via: SIP/2.0/UDP [2001:cdef::10]:5060;branch=%s;rport",
		 branch);
	assert_has_line(bench_last(&bench), line);

	snprintf(response, sizeof(response),
		 "SIP/2.0 200 OK\n"
		 "Via: SIP/2.0/UDP "
		 "[2001:cdef::10]:5060;branch=%s;rport=5060;received=2001:cdef::10\n"
		 "Route-Security: [2001:6789::5060];level=3\n"
		 "Route-Security: [2001:abcd::5060];level=3\n"
		 "Route-Security: [2001:cdef::10];level=3\n"
		 "From: <sip:user-b@xyz.com>;tag=%s\n"
		 "To: <sip:user-a@abc.com>;tag=a\n"
		 "Call-ID: call\nCSeq: 1 BYE\nContent-Length: 0\n\n",
		 branch, tag);
	bench_hear(&bench, response);
	assert_told(&bench, 2, UA_EVENT_ENDED, 0);
	assert_true(bench.told[2].is_by_us);
	bench_end(&bench);
}

static void cancel_is_answered_and_the_invite_gets_487_with_the_same_tag(void **state)
{
	static const char cancel[] =
		"CANCEL sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n" VIAS SERIES "Max-Forwards: 68\n"
		"From: <sip:user-a@abc.com>;tag=a\n"
		"To: <sip:user-b@xyz.com>\n"
		"Call-ID: call\nCSeq: 1 CANCEL\nContent-Length: 0\n\n";
	struct bench bench;
	char ringing[64], ok[64], terminated[64];

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", ringing,
		sizeof(ringing));
	bench_hear(&bench, cancel);
	assert_int_equal(bench.sent_count, 3);
	assert_echo(bench.sent[1], "SIP/2.0 200 OK", "CSeq: 1 CANCEL");
	assert_lacks(bench.sent[1], "Record-Route");
	assert_echo(bench.sent[2], "SIP/2.0 487 Request Terminated", "CSeq: 1 INVITE");
	assert_lacks(bench.sent[2], "Record-Route");
	between(bench.sent[1], "To: <sip:user-b@xyz.com>;tag=", "\r", ok, sizeof(ok));
	between(bench.sent[2], "To: <sip:user-b@xyz.com>;tag=", "\r", terminated,
		sizeof(terminated));
	assert_string_equal(ringing, ok);
	assert_string_equal(ringing, terminated);
	assert_told(&bench, 1, UA_EVENT_ENDED, 0);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);

	/* The 487 comes again until its ACK, which has the INVITE's branch. */
	bench_pass(&bench, TIMER_T1_MS);
	assert_int_equal(bench.sent_count, 4);
	hear_in_dialog(&bench, "ACK", 1, "b1", ringing);
	bench_pass(&bench, 60000);
	assert_int_equal(bench.sent_count, 4);
	bench_end(&bench);
}

static void other_calls_wait_until_there_are_too_many(void **state)
{
	struct bench bench;
	char other[sizeof(invite) + 16];
	unsigned number = 7;

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	for (unsigned i = 0; i < UA_CALLS; i++) {
		snprintf(other, sizeof(other), "%s", invite);
		strstr(other, "z9hG4bKb1")[8] = (char)('a' + i);
		strstr(other, "Call-ID: call")[9] = (char)('A' + i);
		assert_has_line(bench_last(&bench), "SIP/2.0 180 Ringing");
		bench_hear(&bench, other);
	}
	assert_has_line(bench_last(&bench), "SIP/2.0 486 Busy Here");
	assert_lines(bench_last(&bench), "Route-Security", series_values, 3);
	assert_int_equal(bench.told_count, UA_CALLS);
	assert_int_equal(bench.told[2].kind, UA_EVENT_INCOMING);
	/* Each is answered and ended by its number. */
	assert_int_equal(ua_pick(bench.ua, true, &number), RESULT_EXISTS);
	assert_int_equal(ua_answer(bench.ua, bench.now_ms, 3), RESULT_OK);
	assert_has_line(bench_last(&bench), "Call-ID: Ball");
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 2), RESULT_OK);
	assert_has_line(bench_last(&bench), "Call-ID: Aall");
	assert_has_line(bench_last(&bench), "SIP/2.0 486 Busy Here");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_RINGING_HERE);
	assert_int_equal(bench_call_state(bench.ua, 2), UA_CALL_NONE);
	assert_int_equal(bench_call_state(bench.ua, 3), UA_CALL_ACCEPTED);
	bench_end(&bench);
}

static void hangup_while_it_rings_here_is_486(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_echo(bench_last(&bench), "SIP/2.0 486 Busy Here", "CSeq: 1 INVITE");
	assert_told(&bench, 1, UA_EVENT_ENDED, 0);
	bench_end(&bench);
}

static void invite_that_comes_again_gets_the_last_response_again(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	bench_hear(&bench, invite);
	assert_int_equal(bench.sent_count, 2);
	assert_string_equal(bench.sent[0], bench.sent[1]);
	assert_int_equal(bench.told_count, 1);
	bench_end(&bench);
}

static void answer_comes_again_until_its_ack_and_without_one_the_call_is_ended(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, true, true);
	bench_hear(&bench, invite);
	bench_forget(&bench);
	bench_pass(&bench, TIMER_LIFE_MS - 1);
	/* 0.5, 1.5, 3.5, 7.5, 11.5 ... 31.5 s */
	assert_int_equal(bench.sent_count, 10);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	bench_pass(&bench, 1);
	assert_has_line(bench_last(&bench), "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0");
	bench_end(&bench);
}

static void hangup_before_the_ack_waits_for_it(void **state)
{
	struct bench bench;
	char tag[64];

	(void)state;
	bench_make(&bench, true, true);
	bench_hear(&bench, invite);
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", tag, sizeof(tag));
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_int_equal(bench.sent_count, 2);
	hear_in_dialog(&bench, "ACK", 1, "b2", tag);
	assert_has_line(bench_last(&bench), "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0");
	bench_end(&bench);
}

static void ack_before_any_answer_changes_nothing(void **state)
{
	struct bench bench;
	char tag[64];

	(void)state;
	bench_make(&bench, true, false);
	bench_hear(&bench, invite);
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", tag, sizeof(tag));
	hear_in_dialog(&bench, "ACK", 1, "b1", tag);
	hear_in_dialog(&bench, "ACK", 1, "b9", tag);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_RINGING_HERE);
	bench_pass(&bench, TIMER_RING_MS);
	assert_has_line(bench.sent[1], "SIP/2.0 480 Temporarily Unavailable");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void request_of_an_unknown_dialog_is_481_and_its_ack_nothing(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, true, false);
	hear_in_dialog(&bench, "BYE", 2, "b3", "nobody");
	assert_has_line(bench_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	bench_forget(&bench);
	hear_in_dialog(&bench, "ACK", 1, "b4", "nobody");
	assert_int_equal(bench.sent_count, 0);
	bench_end(&bench);
}

static void old_cseq_within_the_dialog_is_500(void **state)
{
	struct bench bench;
	char tag[64];

	(void)state;
	bench_make(&bench, true, true);
	bench_hear(&bench, invite);
	between(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=", "\r", tag, sizeof(tag));
	hear_in_dialog(&bench, "ACK", 1, "b2", tag);
	hear_in_dialog(&bench, "BYE", 0, "b3", tag);
	assert_has_line(bench_last(&bench), "SIP/2.0 500 Server Internal Error");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

static void invite_over_a_gap_is_refused_with_488_and_the_reason(void **state)
{
	struct bench bench;
	char weak[sizeof(invite)], *at;

	(void)state;
	bench_make(&bench, true, false);
	snprintf(weak, sizeof(weak), "%s", invite);
	at = strstr(weak, "[2001:6789::5060];level=3\n");
	memmove(at + 17, at + 25, strlen(at + 25) + 1); /* ";level=3" goes */
	bench_hear(&bench, weak);
	assert_has_line(bench_last(&bench), "SIP/2.0 488 Not Acceptable Here");
	assert_has_line(bench_last(&bench),
			"Warning: 399 [2001:cdef::10]:5060 "
			"\"a gap, the hop did not say how it sent: [2001:6789::5060]\"");
	assert_told(&bench, 0, UA_EVENT_REFUSED, 488);
	assert_int_equal(bench.told_count, 1);
	bench_end(&bench);
}

static void invite_over_a_gap_rings_with_a_warning_where_the_policy_only_warns(void **state)
{
	const struct series_policy policy = {SERIES_TRUST_SERIES, 3};
	struct bench bench;
	char weak[sizeof(invite)];

	(void)state;
	bench_make_with(&bench, true, &policy, false, false);
	snprintf(weak, sizeof(weak), "%s", invite);
	memcpy(strstr(weak, "[2001:1234::10];level=3"), "[2001:1234::10];level=0", 23);
	bench_hear(&bench, weak);
	assert_has_line(bench_last(&bench), "SIP/2.0 180 Ringing");
	assert_told(&bench, 0, UA_EVENT_WARNING, 0);
	assert_told(&bench, 1, UA_EVENT_INCOMING, 0);
	bench_end(&bench);
}

static void request_for_somebody_else_is_404(void **state)
{
	struct bench bench;
	char other[sizeof(invite) + 16];

	(void)state;
	bench_make(&bench, true, false);
	snprintf(other, sizeof(other), "%s", invite);
	memcpy(strstr(other, "2001:cdef::10"), "2001:cdef::11", 13);
	bench_hear(&bench, other);
	assert_has_line(bench_last(&bench), "SIP/2.0 404 Not Found");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invite_rings_then_is_answered_as_the_example_shows),
		cmocka_unit_test(bye_of_the_callee_takes_the_route_in_the_order_it_came),
		cmocka_unit_test(cancel_is_answered_and_the_invite_gets_487_with_the_same_tag),
		cmocka_unit_test(other_calls_wait_until_there_are_too_many),
		cmocka_unit_test(hangup_while_it_rings_here_is_486),
		cmocka_unit_test(invite_that_comes_again_gets_the_last_response_again),
		cmocka_unit_test(
			answer_comes_again_until_its_ack_and_without_one_the_call_is_ended),
		cmocka_unit_test(hangup_before_the_ack_waits_for_it),
		cmocka_unit_test(ack_before_any_answer_changes_nothing),
		cmocka_unit_test(request_of_an_unknown_dialog_is_481_and_its_ack_nothing),
		cmocka_unit_test(old_cseq_within_the_dialog_is_500),
		cmocka_unit_test(invite_over_a_gap_is_refused_with_488_and_the_reason),
		cmocka_unit_test(
			invite_over_a_gap_rings_with_a_warning_where_the_policy_only_warns),
		cmocka_unit_test(request_for_somebody_else_is_404),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
