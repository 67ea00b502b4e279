/* REGISTER, MESSAGE, OPTIONS of ours, and what comes of them. */
#include "tests/unit/terminal/ua_bench.h"

#include "terminal/ua/sending.h"

static const struct ua_forgery no_forgery;

/* The answer to the request sent last, echoed as a gateway does; extra are whole lines. */
static void hear_answer(struct bench *bench, const char *status, const char *extra)
{
	char via[256], from[128], to[128], call_id[128], cseq[64], series[128] = "", text[2048];
	const char *request = bench_last(bench);

	between(request, "Via: ", "\r", via, sizeof(via));
	between(request, "From: ", "\r", from, sizeof(from));
	between(request, "To: ", "\r", to, sizeof(to));
	between(request, "Call-ID: ", "\r", call_id, sizeof(call_id));
	between(request, "CSeq: ", "\r", cseq, sizeof(cseq));
	if (strstr(request, "Route-Security: "))
		between(request, "Route-Security: ", "\r", series, sizeof(series));
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\nVia: %s\n%s%s%sFrom: %s\nTo: %s;tag=g\nCall-ID: %s\nCSeq: %s\n%s"
		 "Content-Length: 0\n\n",
		 status, via, series[0] ? "Route-Security: " : "", series, series[0] ? "\n" : "",
		 from, to, call_id, cseq, extra);
	bench_hear(bench, text);
}

static void register_goes_on_from_the_key_exchange_and_has_no_series(void **state)
{
	const struct ua_registration registration = {SLICE("exchange"), SLICE("tag"), 3, 600};
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_register(bench.ua, bench.now_ms, &registration), RESULT_OK);
	assert_has_line(bench_last(&bench), "REGISTER sip:abc.com SIP/2.0");
	assert_has_line(bench_last(&bench), "From: <sip:user-a@abc.com>;tag=tag");
	assert_has_line(bench_last(&bench), "To: <sip:user-a@abc.com>");
	assert_has_line(bench_last(&bench), "Call-ID: exchange");
	assert_has_line(bench_last(&bench), "CSeq: 3 REGISTER");
	assert_has_line(bench_last(&bench),
			"Contact: <sip:user-a@[2001:1234::10]:5060>;+sip.instance="
			"\"<urn:uuid:00000000-0000-8000-8000-000000000001>\"");
	assert_has_line(bench_last(&bench), "Expires: 600");
	assert_lacks(bench_last(&bench), "Route-Security");
	hear_answer(&bench, "200 OK",
		    "Contact: <sip:user-a@[2001:1234::10]:5060>;expires=300\nExpires: 500\n");
	assert_told(&bench, 0, UA_EVENT_REGISTERED, 200);
	bench_end(&bench);
}

static void refused_registration_is_told_with_its_status(void **state)
{
	const struct ua_registration registration = {SLICE("exchange"), SLICE("tag"), 3, 600};
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_register(bench.ua, bench.now_ms, &registration), RESULT_OK);
	hear_answer(&bench, "403 Forbidden", "");
	assert_told(&bench, 0, UA_EVENT_REGISTER_FAILED, 403);
	bench_end(&bench);
}

static void expires_zero_de_registers(void **state)
{
	const struct ua_registration registration = {SLICE("exchange"), SLICE("tag"), 4, 0};
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_register(bench.ua, bench.now_ms, &registration), RESULT_OK);
	assert_has_line(bench_last(&bench), "Expires: 0");
	hear_answer(&bench, "200 OK", "");
	assert_told(&bench, 0, UA_EVENT_DEREGISTERED, 200);
	bench_end(&bench);
}

static void message_carries_its_text_and_one_series_entry(void **state)
{
	static const char *const own[] = {"[2001:1234::10];level=3"};
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_message(bench.ua, bench.now_ms, SLICE("user-b@xyz.com"),
				    SLICE("hello there"), &no_forgery),
			 RESULT_OK);
	assert_has_line(bench_last(&bench), "MESSAGE sip:user-b@xyz.com SIP/2.0");
	assert_has_line(bench_last(&bench), "Content-Type: text/plain");
	assert_has_line(bench_last(&bench), "Content-Length: 11");
	assert_lines(bench_last(&bench), "Route-Security", own, 1);
	assert_string_equal(strstr(bench_last(&bench), "\r\n\r\n") + 4, "hello there");
	hear_answer(&bench, "404 Not Found", "");
	assert_told(&bench, 0, UA_EVENT_ANSWERED, 404);
	bench_end(&bench);
}

static void keep_alive_is_silent_about_any_answer_and_speaks_up_without_one(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_keep_alive(bench.ua, bench.now_ms, 8000), RESULT_OK);
	assert_has_line(bench_last(&bench), "OPTIONS sip:abc.com SIP/2.0");
	assert_has_line(bench_last(&bench), "To: <sip:abc.com>");
	hear_answer(&bench, "200 OK", "");
	bench_pass(&bench, 60000);
	assert_int_equal(bench.told_count, 0);
	assert_int_equal(ua_keep_alive(bench.ua, bench.now_ms, 8000), RESULT_OK);
	bench_pass(&bench, 7999);
	assert_int_equal(bench.told_count, 0);
	bench_pass(&bench, 1);
	assert_told(&bench, 0, UA_EVENT_SILENCE, 0);
	bench_end(&bench);
}

/* What the user asked goes on: another gateway may answer it. */
static void silence_of_a_gateway_that_is_left_is_not_the_next_ones(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_keep_alive(bench.ua, bench.now_ms, 8000), RESULT_OK);
	bench_pass(&bench, 2000);
	assert_int_equal(ua_keep_alive(bench.ua, bench.now_ms, 8000), RESULT_OK);
	assert_int_equal(ua_options(bench.ua, bench.now_ms, SLICE("user-b@xyz.com"), &no_forgery),
			 RESULT_OK);
	bench_pass(&bench, 6000);
	assert_told(&bench, 0, UA_EVENT_SILENCE, 0);
	ua_gateway_leave(bench.ua);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_int_equal(bench.told_count, 2);
	assert_told(&bench, 1, UA_EVENT_ANSWERED, 408);
	bench_end(&bench);
}

static void unanswered_options_are_408(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_options(bench.ua, bench.now_ms, SLICE("user-b@xyz.com"), &no_forgery),
			 RESULT_OK);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_told(&bench, 0, UA_EVENT_ANSWERED, 408);
	assert_string_equal(bench.told[0].party, "sip:user-b@xyz.com");
	bench_end(&bench);
}

static void names_are_completed_and_others_refused(void **state)
{
	static const struct {
		const char *typed, *uri; /* NULL: refused */
	} cases[] = {
		{"user-b@xyz.com", "sip:user-b@xyz.com"},
		{"sip:user-b@xyz.com", "sip:user-b@xyz.com"},
		{"sips:user-b@xyz.com", "sips:user-b@xyz.com"},
		{"tel:+81312345678", "tel:+81312345678"},
		{"xyz.com", "sip:xyz.com"},
		{"user b@xyz.com", NULL},
		{"user-b@xyz.com>\r\nX: y", NULL},
		{"sip:user-b@xyz.com?Subject=x", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sending sending = {0};
		enum result result = sending_address(
			&sending, slice_make(cases[i].typed, strlen(cases[i].typed)));

		assert_int_equal(result, cases[i].uri ? RESULT_OK : RESULT_BAD);
		if (cases[i].uri)
			assert_true(slice_is_equal(sending.request.to,
						   slice_make(cases[i].uri, strlen(cases[i].uri))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(register_goes_on_from_the_key_exchange_and_has_no_series),
		cmocka_unit_test(refused_registration_is_told_with_its_status),
		cmocka_unit_test(expires_zero_de_registers),
		cmocka_unit_test(message_carries_its_text_and_one_series_entry),
		cmocka_unit_test(keep_alive_is_silent_about_any_answer_and_speaks_up_without_one),
		cmocka_unit_test(silence_of_a_gateway_that_is_left_is_not_the_next_ones),
		cmocka_unit_test(unanswered_options_are_408),
		cmocka_unit_test(names_are_completed_and_others_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
