/* What a terminal answers to requests that are no call of its own. */
#include "tests/unit/terminal/ua_bench.h"

#include "terminal/ua/requests.h"

static void hear_request(struct bench *bench, const char *method, const char *branch,
			 const char *extra, const char *body)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n"
		 "Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bK%s;sk=x\n"
		 "Route-Security: [2001:abcd::5060];level=3\n"
		 "Route-Security: [2001:6789::5060];level=3\n"
		 "Max-Forwards: 68\n"
		 "From: <sip:user-a@abc.com>;tag=a\n"
		 "To: <sip:user-b@xyz.com>\n"
		 "Call-ID: call\nCSeq: 1 %s\n%sContent-Length: %zu\n\n%s",
		 method, branch, method, extra, strlen(body), body);
	bench_hear(bench, text);
}

static void message_is_taken_once_and_answered_twice_if_it_comes_twice(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, true, false);
	hear_request(&bench, "MESSAGE", "1", "Content-Type: text/plain\n", "hello");
	hear_request(&bench, "MESSAGE", "1", "Content-Type: text/plain\n", "hello");
	assert_int_equal(bench.sent_count, 2);
	assert_string_equal(bench.sent[0], bench.sent[1]);
	assert_has_line(bench.sent[0], "SIP/2.0 200 OK");
	assert_lacks(bench.sent[0], "Contact:");
	assert_int_equal(bench.told_count, 1);
	assert_told(&bench, 0, UA_EVENT_MESSAGE, 0);
	assert_string_equal(bench.told[0].text, "hello");
	bench_end(&bench);
}

static void requests_are_answered_by_the_table(void **state)
{
	static const struct {
		const char *method, *extra, *status, *line;
	} table[] = {
		{"OPTIONS", "", "SIP/2.0 200 OK",
		 "Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS"},
		{"MESSAGE", "Content-Type: application/zip\n", "SIP/2.0 415 Unsupported Media Type",
		 "Accept: text/plain"},
		{"MESSAGE", "", "SIP/2.0 415 Unsupported Media Type", "Accept: text/plain"},
		{"SUBSCRIBE", "", "SIP/2.0 405 Method Not Allowed",
		 "Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS"},
		{"REGISTER", "", "SIP/2.0 405 Method Not Allowed", "Call-ID: call"},
		{"INVITE", "Require: 100rel\n", "SIP/2.0 420 Bad Extension", "Unsupported: 100rel"},
		{"CANCEL", "", "SIP/2.0 481 Call/Transaction Does Not Exist", "CSeq: 1 CANCEL"},
		{"BYE", "", "SIP/2.0 481 Call/Transaction Does Not Exist", "CSeq: 1 BYE"},
		{"OPTIONS", "From: <sip:x@y>\n", "SIP/2.0 400 Bad Request", "CSeq: 1 OPTIONS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench bench;

		bench_make(&bench, true, false);
		hear_request(&bench, table[i].method, "1", table[i].extra, "");
		assert_int_equal(bench.sent_count, 1);
		assert_has_line(bench_last(&bench), table[i].status);
		assert_has_line(bench_last(&bench), table[i].line);
		assert_int_equal(bench.told_count, 0);
		bench_end(&bench);
	}
}

static void every_method_is_judged_by_its_series(void **state)
{
	static const char *const methods[] = {"INVITE", "MESSAGE", "OPTIONS", "BYE", "CANCEL"};
	const struct series_policy strict = {SERIES_TRUST_SERIES, 3};

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct bench bench;

		bench_make_with(&bench, true, &strict, true, false);
		hear_request(&bench, methods[i], "1", "Route-Security: [2001:db8::1];level=1\n",
			     "");
		assert_has_line(bench_last(&bench), "SIP/2.0 488 Not Acceptable Here");
		assert_told(&bench, 0, UA_EVENT_REFUSED, 488);
		bench_end(&bench);
	}
}

static void quotes_and_control_bytes_of_others_do_not_break_the_warning(void **state)
{
	const struct series_policy strict = {SERIES_TRUST_SERIES, 3};
	struct bench bench;

	(void)state;
	bench_make_with(&bench, true, &strict, true, false);
	hear_request(&bench, "OPTIONS", "1", "Route-Security: [2001:db8::1];x=\"a\\\"b\x01\"\n",
		     "");
	assert_has_line(bench_last(&bench), "SIP/2.0 488 Not Acceptable Here");
	assert_non_null(strstr(bench_last(&bench), "x=\\\"a\\\\\\\"b \\\"\"\r\n"));
	bench_end(&bench);
}

static void nonsense_is_not_answered(void **state)
{
	static const char *const nonsense[] = {
		"", "\n\n", "hello\n\n", "SIP/2.0 200 OK\n\n", "INVITE sip:x SIP/2.0\n\n",
	};
	struct bench bench;

	(void)state;
	bench_make(&bench, true, false);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		bench_hear(&bench, nonsense[i]);
	assert_int_equal(bench.sent_count, 0);
	assert_int_equal(bench.told_count, 0);
	bench_end(&bench);
}

static void requests_that_are_over_make_room_for_new_ones(void **state)
{
	struct bench bench;
	char branch[16];

	(void)state;
	bench_make(&bench, true, false);
	for (unsigned i = 0; i < 3 * SERVER_TRANSACTIONS; i++) {
		snprintf(branch, sizeof(branch), "%u", i);
		bench_forget(&bench);
		hear_request(&bench, "OPTIONS", branch, "", "");
		assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	}
	bench_end(&bench);
}

/* So many ring; the others are refused at once, and stand in nobody's way. */
static void flood_of_calls_is_refused_and_others_are_served(void **state)
{
	struct bench bench;
	char branch[16];

	(void)state;
	bench_make(&bench, true, false);
	for (unsigned i = 0; i < 3 * SERVER_TRANSACTIONS; i++) {
		snprintf(branch, sizeof(branch), "%u", i);
		bench_forget(&bench);
		hear_request(&bench, "INVITE", branch, "Contact: <sip:a@x>\n", "");
		assert_has_line(bench_last(&bench), i < UA_CALLS ? "SIP/2.0 180 Ringing"
								 : "SIP/2.0 486 Busy Here");
	}
	hear_request(&bench, "OPTIONS", "other", "", "");
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	/* Those that ring still do. */
	assert_int_equal(ua_answer(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_taken_once_and_answered_twice_if_it_comes_twice),
		cmocka_unit_test(requests_are_answered_by_the_table),
		cmocka_unit_test(every_method_is_judged_by_its_series),
		cmocka_unit_test(quotes_and_control_bytes_of_others_do_not_break_the_warning),
		cmocka_unit_test(nonsense_is_not_answered),
		cmocka_unit_test(requests_that_are_over_make_room_for_new_ones),
		cmocka_unit_test(flood_of_calls_is_refused_and_others_are_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
