/* The example call as terminal 1 sees it: hops 1 and 6. */
#include "tests/unit/terminal/ua_bench.h"

static const struct ua_forgery no_forgery;
static const char *const own_series[] = {"[2001:1234::10];level=3"};

struct ids {
	char branch[64], tag[64], call_id[64];
};

static void start_call(struct bench *bench, struct ids *ids)
{
	bench_make(bench, false, false);
	assert_int_equal(ua_call(bench->ua, bench->now_ms, SLICE("user-b@xyz.com"), &no_forgery),
			 RESULT_OK);
	between(bench_last(bench), "branch=", ";", ids->branch, sizeof(ids->branch));
	between(bench_last(bench), "From: <sip:user-a@abc.com>;tag=", "\r", ids->tag,
		sizeof(ids->tag));
	between(bench_last(bench), "Call-ID: ", "\r", ids->call_id, sizeof(ids->call_id));
}

/* A response of hop 6 with the whole series, or with other lines in its place. */
static void hear_response(struct bench *bench, const struct ids *ids, const char *status,
			  const char *series, const char *cseq)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\n"
		 "Via: SIP/2.0/UDP "
		 "[2001:1234::10]:5060;branch=%s;rport=5060;received=2001:1234::10\n"
		 "Record-Route: <sip:tokenB@[2001:abcd::5060]:5060;lr>\n"
		 "Record-Route: <sip:tokenA@[2001:6789::5060]:5060;lr>\n"
		 "%s"
		 "From: <sip:user-a@abc.com>;tag=%s\n"
		 "To: <sip:user-b@xyz.com>;tag=b\n"
		 "Call-ID: %s\n"
		 "CSeq: %s\n"
		 "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"
		 "Content-Length: 0\n\n",
		 status, ids->branch, series, ids->tag, ids->call_id, cseq);
	bench_hear(bench, text);
}

static const char whole_series[] = "Route-Security: [2001:abcd::5060];level=3\n"
				   "Route-Security: [2001:6789::5060];level=3\n"
				   "Route-Security: [2001:1234::10];level=3\n";
static const char own_line[] = "Route-Security: [2001:1234::10];level=3\n";

static void invite_is_as_the_example_shows(void **state)
{
	struct bench bench;
	struct ids ids;
	char line[256];

	(void)state;
	start_call(&bench, &ids);
	assert_has_line(bench_last(&bench), "INVITE sip:user-b@xyz.com SIP/2.0");
	snprintf(line, sizeof(line), "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport",
		 ids.branch);
	assert_has_line(bench_last(&bench), line);
	assert_int_equal(strncmp(ids.branch, "z9hG4bK", 7), 0);
	assert_lines(bench_last(&bench), "Route-Security", own_series, 1);
	assert_has_line(bench_last(&bench), "Max-Forwards: 70");
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>");
	assert_has_line(bench_last(&bench), "CSeq: 1 INVITE");
	assert_has_line(bench_last(&bench), "Contact: <sip:user-a@[2001:1234::10]:5060>");
	assert_has_line(bench_last(&bench), "Content-Type: application/sdp");
	assert_lacks(bench_last(&bench), "\r\nRoute: ");
	bench_end(&bench);
}

static void ok_is_acknowledged_through_the_reversed_route(void **state)
{
	static const char *const routes[] = {"<sip:tokenA@[2001:6789::5060]:5060;lr>",
					     "<sip:tokenB@[2001:abcd::5060]:5060;lr>"};
	struct bench bench;
	struct ids ids;
	char branch[64];

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "180 Ringing", whole_series, "1 INVITE");
	assert_told(&bench, 0, UA_EVENT_RINGING, 180);
	hear_response(&bench, &ids, "200 OK", whole_series, "1 INVITE");
	assert_told(&bench, 1, UA_EVENT_ESTABLISHED, 200);
	assert_has_line(bench_last(&bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_lines(bench_last(&bench), "Route", routes, 2);
	assert_lines(bench_last(&bench), "Route-Security", own_series, 1);
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=b");
	assert_has_line(bench_last(&bench), "CSeq: 1 ACK");
	between(bench_last(&bench), "branch=", ";", branch, sizeof(branch));
	assert_string_not_equal(branch, ids.branch);

	/* The 200 again: the very same ACK again. */
	hear_response(&bench, &ids, "200 OK", whole_series, "1 INVITE");
	assert_int_equal(bench.sent_count, 3);
	assert_string_equal(bench.sent[1], bench.sent[2]);
	bench_pass(&bench, 20000);
	hear_response(&bench, &ids, "200 OK", whole_series, "1 INVITE");
	assert_int_equal(bench.sent_count, 4);
	assert_string_equal(bench.sent[1], bench.sent[3]);

	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_has_line(bench_last(&bench), "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_lines(bench_last(&bench), "Route", routes, 2);
	assert_has_line(bench_last(&bench), "CSeq: 2 BYE");
	bench_end(&bench);
}

static void call_that_has_lasted_as_long_as_one_may_is_ended(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "200 OK", whole_series, "1 INVITE");
	bench_pass(&bench, BENCH_LONGEST_CALL_MS - 1);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_forget(&bench);
	bench_pass(&bench, 1);
	assert_has_line(bench.sent[0], "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_told(&bench, 0, UA_EVENT_WARNING, 0);
	assert_string_equal(bench.told[0].reason, "the call has lasted as long as one may");
	bench_end(&bench);
}

static void refusal_is_acknowledged_on_the_invites_branch_without_route(void **state)
{
	struct bench bench;
	struct ids ids;
	char line[256];

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "486 Busy Here", whole_series, "1 INVITE");
	assert_has_line(bench_last(&bench), "ACK sip:user-b@xyz.com SIP/2.0");
	snprintf(line, sizeof(line), "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport",
		 ids.branch);
	assert_has_line(bench_last(&bench), line);
	assert_lines(bench_last(&bench), "Route-Security", own_series, 1);
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=b");
	assert_has_line(bench_last(&bench), "CSeq: 1 ACK");
	assert_lacks(bench_last(&bench), "\r\nRoute: ");
	assert_told(&bench, 0, UA_EVENT_CALL_FAILED, 486);
	assert_string_equal(bench.told[0].reason, "Busy Here");

	hear_response(&bench, &ids, "486 Busy Here", whole_series, "1 INVITE");
	assert_int_equal(bench.sent_count, 3);
	assert_string_equal(bench.sent[1], bench.sent[2]);
	assert_int_equal(bench.told_count, 1);
	bench_end(&bench);
}

static void cancel_has_the_invites_branch_and_waits_for_a_provisional(void **state)
{
	struct bench bench;
	struct ids ids;
	char line[256];

	(void)state;
	start_call(&bench, &ids);
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_int_equal(bench.sent_count, 1);
	hear_response(&bench, &ids, "180 Ringing", whole_series, "1 INVITE");
	assert_has_line(bench_last(&bench), "CANCEL sip:user-b@xyz.com SIP/2.0");
	snprintf(line, sizeof(line), "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport",
		 ids.branch);
	assert_has_line(bench_last(&bench), line);
	assert_lines(bench_last(&bench), "Route-Security", own_series, 1);
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>");
	assert_has_line(bench_last(&bench), "CSeq: 1 CANCEL");
	assert_lacks(bench_last(&bench), "Contact:");
	hear_response(&bench, &ids, "200 OK", whole_series, "1 CANCEL");
	hear_response(&bench, &ids, "487 Request Terminated", whole_series, "1 INVITE");
	assert_has_line(bench_last(&bench), "CSeq: 1 ACK");
	assert_told(&bench, 0, UA_EVENT_CALL_FAILED, 487);
	bench_end(&bench);
}

static void answer_that_crosses_the_cancel_is_acknowledged_and_ended(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "180 Ringing", whole_series, "1 INVITE");
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	hear_response(&bench, &ids, "200 OK", whole_series, "1 INVITE");
	assert_int_equal(bench.sent_count, 4);
	assert_has_line(bench.sent[1], "CSeq: 1 CANCEL");
	assert_has_line(bench.sent[2], "CSeq: 1 ACK");
	assert_has_line(bench.sent[3], "CSeq: 2 BYE");
	bench_end(&bench);
}

static void invite_without_answer_comes_seven_times_and_fails(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_int_equal(bench.sent_count, 7);
	for (unsigned i = 1; i < 7; i++)
		assert_string_equal(bench.sent[0], bench.sent[i]);
	assert_told(&bench, 0, UA_EVENT_CALL_FAILED, 408);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void call_that_rings_too_long_is_cancelled(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "180 Ringing", whole_series, "1 INVITE");
	bench_forget(&bench);
	bench_pass(&bench, TIMER_RING_MS - 1);
	assert_int_equal(bench.sent_count, 0);
	bench_pass(&bench, 1);
	assert_has_line(bench_last(&bench), "CSeq: 1 CANCEL");
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

/* P14: the caller may give up the call. */
static void ok_over_a_gap_is_acknowledged_and_given_up(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "200 OK",
		      "Route-Security: [2001:abcd::5060]\n"
		      "Route-Security: [2001:6789::5060];level=3\n"
		      "Route-Security: [2001:1234::10];level=3\n",
		      "1 INVITE");
	assert_int_equal(bench.sent_count, 3);
	assert_has_line(bench.sent[1], "CSeq: 1 ACK");
	assert_has_line(bench.sent[2], "CSeq: 2 BYE");
	assert_told(&bench, 0, UA_EVENT_WARNING, 0);
	assert_told(&bench, 1, UA_EVENT_CALL_FAILED, 0);
	bench_end(&bench);
}

static void ok_without_the_gateways_entry_is_given_up(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	hear_response(&bench, &ids, "200 OK", own_line, "1 INVITE");
	assert_told(&bench, 0, UA_EVENT_WARNING, 0);
	assert_told(&bench, 1, UA_EVENT_CALL_FAILED, 0);
	bench_end(&bench);
}

static void refusals_of_the_gateway_need_no_more_than_our_entry(void **state)
{
	static const struct {
		const char *status, *series;
		unsigned code;
	} cases[] = {
		{"403 Forbidden", own_line, 403},
		{"404 Not Found", own_line, 404},
		{"502 Bad Gateway", "", 502},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench;
		struct ids ids;

		start_call(&bench, &ids);
		hear_response(&bench, &ids, cases[i].status, cases[i].series, "1 INVITE");
		assert_int_equal(bench.told_count, 1);
		assert_told(&bench, 0, UA_EVENT_CALL_FAILED, cases[i].code);
		bench_end(&bench);
	}
}

static void response_with_another_from_to_or_call_id_is_dropped(void **state)
{
	struct bench bench;
	struct ids ids, wrong;

	(void)state;
	start_call(&bench, &ids);
	wrong = ids;
	wrong.tag[0] ^= 1;
	hear_response(&bench, &wrong, "200 OK", whole_series, "1 INVITE");
	wrong = ids;
	wrong.call_id[0] ^= 1;
	hear_response(&bench, &wrong, "200 OK", whole_series, "1 INVITE");
	hear_response(&bench, &ids, "200 OK", whole_series, "2 INVITE");
	assert_int_equal(bench.sent_count, 1);
	for (unsigned i = 0; i < bench.told_count; i++)
		assert_told(&bench, i, UA_EVENT_WARNING, 200);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_INVITING);
	bench_end(&bench);
}

static void forged_from_and_series_are_what_is_sent(void **state)
{
	static const char *const forged[] = {"[2001:db8::1];level=3", "[2001:1234::10];level=3"};
	const struct ua_forgery forgery = {
		.from = SLICE("sip:user-c@abc.com"),
		.route_security_lines = SLICE("Route-Security: [2001:db8::1];level=3\r\n"
					      "Route-Security: [2001:1234::10];level=3\r\n"),
		.has_route_security = true,
	};
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_call(bench.ua, bench.now_ms, SLICE("user-b@xyz.com"), &forgery),
			 RESULT_OK);
	assert_non_null(strstr(bench_last(&bench), "From: <sip:user-c@abc.com>;tag="));
	assert_has_line(bench_last(&bench), "Contact: <sip:user-a@[2001:1234::10]:5060>");
	assert_lines(bench_last(&bench), "Route-Security", forged, 2);
	bench_end(&bench);
}

static void so_many_calls_at_a_time_and_only_names(void **state)
{
	struct bench bench;
	struct ids ids;

	(void)state;
	start_call(&bench, &ids);
	for (unsigned i = 2; i <= UA_CALLS; i++) {
		assert_int_equal(
			ua_call(bench.ua, bench.now_ms, SLICE("user-c@xyz.com"), &no_forgery),
			RESULT_OK);
		assert_int_equal(ua_last_call(bench.ua), i);
	}
	assert_int_equal(ua_call(bench.ua, bench.now_ms, SLICE("user-c@xyz.com"), &no_forgery),
			 RESULT_EXISTS);
	assert_int_equal(
		ua_message(bench.ua, bench.now_ms, SLICE("not a name"), SLICE("x"), &no_forgery),
		RESULT_BAD);
	assert_int_equal(ua_answer(bench.ua, bench.now_ms, 1), RESULT_NOT_FOUND);
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invite_is_as_the_example_shows),
		cmocka_unit_test(call_that_has_lasted_as_long_as_one_may_is_ended),
		cmocka_unit_test(ok_is_acknowledged_through_the_reversed_route),
		cmocka_unit_test(refusal_is_acknowledged_on_the_invites_branch_without_route),
		cmocka_unit_test(cancel_has_the_invites_branch_and_waits_for_a_provisional),
		cmocka_unit_test(answer_that_crosses_the_cancel_is_acknowledged_and_ended),
		cmocka_unit_test(invite_without_answer_comes_seven_times_and_fails),
		cmocka_unit_test(call_that_rings_too_long_is_cancelled),
		cmocka_unit_test(ok_over_a_gap_is_acknowledged_and_given_up),
		cmocka_unit_test(ok_without_the_gateways_entry_is_given_up),
		cmocka_unit_test(refusals_of_the_gateway_need_no_more_than_our_entry),
		cmocka_unit_test(response_with_another_from_to_or_call_id_is_dropped),
		cmocka_unit_test(forged_from_and_series_are_what_is_sent),
		cmocka_unit_test(so_many_calls_at_a_time_and_only_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
