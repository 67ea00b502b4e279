/* What a local client may ask: answered here, carried out, or refused with a sentence. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/phone_requests.h"

static void say(struct bench *bench, const char *method, const char *uri, const char *from,
		const char *branch, const char *lines_and_body)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "%s %s SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK%s\n"
		 "From: <%s>;tag=1\nTo: <%s>\nCall-ID: c%s\nCSeq: 1 %s\n%s",
		 method, uri, branch, from, uri, branch, method, lines_and_body);
	phone_says(bench, text);
}

static void register_is_answered_here_and_told(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	say(&bench, "REGISTER", "sip:user-a@127.0.0.1", "sip:user-a@127.0.0.1", "1",
	    "Contact: <sip:me@127.0.0.1:5070>\nExpires: 60\n" NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(phone_last(&bench), "Contact: <sip:me@127.0.0.1:5070>;expires=60");
	assert_told(&bench, 0, UA_EVENT_PHONE_HERE, 0);
	assert_int_equal(bench.sent_count, 0);
	assert_int_equal(ua_phone_count(bench.ua, bench.now_ms), 1);
	say(&bench, "REGISTER", "sip:user-a@127.0.0.1", "sip:user-a@127.0.0.1", "2",
	    "Contact: *\nExpires: 0\n" NO_BODY);
	assert_lacks(phone_last(&bench), "Contact:");
	assert_told(&bench, 1, UA_EVENT_PHONE_GONE, 0);
	bench_end(&bench);
}

static void another_name_is_refused_with_403_and_a_sentence(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	say(&bench, "REGISTER", "sip:user-c@abc.com", "sip:user-c@abc.com", "1",
	    "Contact: <sip:me@127.0.0.1:5070>\n" NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 403 Forbidden");
	assert_has_line(
		phone_last(&bench),
		"Warning: 399 127.0.0.1:5060 \"only the name of this terminal registers here\"");
	say(&bench, "MESSAGE", "sip:user-b@xyz.com", "sip:user-c@abc.com", "2", NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 403 Forbidden");
	assert_has_line(phone_last(&bench),
			"Warning: 399 127.0.0.1:5060 \"From is not the name of this terminal\"");
	assert_told(&bench, 0, UA_EVENT_REFUSED, 403);
	assert_int_equal(bench.sent_count, 0);
	bench_end(&bench);
}

static void requests_are_answered_by_the_table(void **state)
{
	static const struct {
		const char *method, *uri, *lines, *status;
	} table[] = {
		{"OPTIONS", "sip:127.0.0.1:5060", "", "SIP/2.0 200 OK"},
		{"SUBSCRIBE", "sip:user-a@abc.com", "Event: message-summary\n",
		 "SIP/2.0 405 Method Not Allowed"},
		{"PUBLISH", "sip:user-a@abc.com", "", "SIP/2.0 405 Method Not Allowed"},
		{"MESSAGE", "sip:127.0.0.1", "", "SIP/2.0 404 Not Found"},
		{"MESSAGE", "sip:user-b@xyz.com", "Max-Forwards: 0\n", "SIP/2.0 483 Too Many Hops"},
		{"CANCEL", "sip:user-b@xyz.com", "", "SIP/2.0 481 Call/Transaction Does Not Exist"},
		{"BYE", "sip:user-b@xyz.com", "", "SIP/2.0 405 Method Not Allowed"},
		{"INVITE", "sip:user-b@xyz.com", "", "SIP/2.0 400 Bad Request"}, /* no Contact */
		{"OPTIONS", "sip:user-b@xyz.com", "CSeq: 9 OPTIONS\n", "SIP/2.0 400 Bad Request"},
	};
	struct bench bench;
	char branch[8], lines[256];

	(void)state;
	phone_bench_make(&bench, false);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(branch, sizeof(branch), "%zu", i);
		snprintf(lines, sizeof(lines), "%s" NO_BODY, table[i].lines);
		say(&bench, table[i].method, table[i].uri, "sip:user-a@abc.com", branch, lines);
		assert_has_line(phone_last(&bench), table[i].status);
	}
	assert_int_equal(bench.sent_count, 0);
	bench_end(&bench);
}

static void without_a_gateway_nothing_leaves(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	ua_attached_set(bench.ua, false);
	phone_calls(&bench, SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 503 Service Unavailable");
	assert_non_null(strstr(phone_last(&bench), "not attached to its gateway"));
	assert_int_equal(bench.sent_count, 0);
	bench_end(&bench);
}

static void a_message_is_carried_out_and_its_answer_back(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	say(&bench, "MESSAGE", "sip:user-b@xyz.com", "sip:user-a@127.0.0.1", "1",
	    "Max-Forwards: 10\nSubject: greeting\nSekisho-Path: forged\nRoute: <sip:127.0.0.1;lr>\n"
	    "Route-Security: [::1];level=3\nContent-Type: text/plain\nContent-Length: 5\n\nhello");
	assert_has_line(bench_last(&bench), "MESSAGE sip:user-b@xyz.com SIP/2.0");
	assert_has_line(bench_last(&bench), "From: <sip:user-a@abc.com>;tag=1");
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>");
	assert_has_line(bench_last(&bench), "Call-ID: c1");
	assert_has_line(bench_last(&bench), "Max-Forwards: 9");
	assert_has_line(bench_last(&bench), "Subject: greeting");
	assert_has_line(bench_last(&bench), "Route-Security: [2001:1234::10];level=3");
	assert_lacks(bench_last(&bench), "forged");
	assert_lacks(bench_last(&bench), "Route: ");
	assert_lacks(bench_last(&bench), "[::1]");
	assert_non_null(strstr(bench_last(&bench), "\r\n\r\nhello"));
	gateway_answers(&bench, "202 Accepted", WHOLE_SERIES, "bee", "X-Kept: yes\n" NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 202 Accepted");
	assert_has_line(phone_last(&bench), "To: <sip:user-b@xyz.com>;tag=bee");
	assert_has_line(phone_last(&bench), "From: <sip:user-a@127.0.0.1>;tag=1");
	assert_has_line(phone_last(&bench), "X-Kept: yes");
	assert_has_line(phone_last(&bench),
			"Sekisho-Path: sip:user-a@abc.com [2001:1234::10] ==3==> "
			"[2001:6789::5060] ==3==> [2001:abcd::5060] ==3==> sip:user-b@xyz.com");
	assert_lacks(phone_last(&bench), "Route-Security");
	bench_end(&bench);
}

static void a_message_that_nobody_answers_is_408(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	say(&bench, "MESSAGE", "sip:user-b@xyz.com", "sip:user-a@abc.com", "1", NO_BODY);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_has_line(phone_last(&bench), "SIP/2.0 408 Request Timeout");
	bench_end(&bench);
}

static void who_is_anonymous_says_who_he_is_to_the_gateway_only(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	say(&bench, "INVITE", "sip:user-b@xyz.com", "sip:anonymous@anonymous.invalid", "1",
	    "Privacy: id\nP-Preferred-Identity: <sip:user-c@abc.com>\n"
	    "Contact: <sip:me@127.0.0.1:5070>\n" NO_BODY);
	assert_has_line(bench_last(&bench), "From: <sip:anonymous@anonymous.invalid>;tag=1");
	assert_has_line(bench_last(&bench), "P-Preferred-Identity: <sip:user-a@abc.com>");
	assert_has_line(bench_last(&bench), "Privacy: id");
	assert_lacks(bench_last(&bench), "user-c");
	bench_end(&bench);
}

static void of_a_flood_only_so_much_is_served_a_second(void **state)
{
	struct bench bench;
	char branch[16];

	(void)state;
	phone_bench_make(&bench, false);
	for (unsigned i = 0; i <= UA_LOCAL_RATE; i++) {
		bench_forget(&bench);
		snprintf(branch, sizeof(branch), "%u", i);
		say(&bench, "OPTIONS", "sip:127.0.0.1", "sip:user-a@abc.com", branch, NO_BODY);
		assert_has_line(phone_last(&bench), i < UA_LOCAL_RATE
							    ? "SIP/2.0 200 OK"
							    : "SIP/2.0 503 Service Unavailable");
	}
	bench.now_ms += 1000;
	say(&bench, "OPTIONS", "sip:127.0.0.1", "sip:user-a@abc.com", "later", NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	bench_end(&bench);
}

static void calls_beyond_the_last_are_refused(void **state)
{
	struct bench bench;
	char branch[16];

	(void)state;
	phone_bench_make(&bench, false);
	for (unsigned i = 0; i <= UA_CALLS; i++) {
		bench_forget(&bench);
		snprintf(branch, sizeof(branch), "%u", i);
		say(&bench, "INVITE", "sip:user-b@xyz.com", "sip:user-a@abc.com", branch,
		    "Contact: <sip:me@127.0.0.1:5070>\n" SOME_SDP);
		assert_has_line(phone_last(&bench), i < UA_CALLS
							    ? "SIP/2.0 100 Trying"
							    : "SIP/2.0 503 Service Unavailable");
	}
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(register_is_answered_here_and_told),
		cmocka_unit_test(another_name_is_refused_with_403_and_a_sentence),
		cmocka_unit_test(requests_are_answered_by_the_table),
		cmocka_unit_test(without_a_gateway_nothing_leaves),
		cmocka_unit_test(a_message_is_carried_out_and_its_answer_back),
		cmocka_unit_test(a_message_that_nobody_answers_is_408),
		cmocka_unit_test(who_is_anonymous_says_who_he_is_to_the_gateway_only),
		cmocka_unit_test(of_a_flood_only_so_much_is_served_a_second),
		cmocka_unit_test(calls_beyond_the_last_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
