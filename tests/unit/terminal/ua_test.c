#include "tests/unit/terminal/ua_bench.h"

static void nothing(void *context, const struct flow *flow, struct slice message)
{
	(void)context;
	(void)flow;
	(void)message;
}

static void only_the_name_of_a_user_makes_an_agent(void **state)
{
	static const struct {
		const char *aor;
		enum result result;
	} cases[] = {
		{"user-a@abc.com", RESULT_OK},
		{"user-a@abc.com:5070", RESULT_OK},
		{"abc.com", RESULT_BAD},
		{"", RESULT_BAD},
		{"user-a@abc.com;x=y", RESULT_BAD},
		{"user a@abc.com", RESULT_BAD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ua_settings settings = {
			.aor = slice_make(cases[i].aor, strlen(cases[i].aor)),
			.domain = SLICE("abc.com"),
			.instance = SLICE("urn:x"),
		};
		struct ua_port port = {NULL, nothing, NULL};
		struct ua *ua = NULL;

		assert_int_equal(ua_create(&settings, &port, &ua), cases[i].result);
		ua_destroy(ua);
	}
}

static void idle_agent_needs_no_clock(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_deadline(bench.ua), TIMER_NEVER);
	bench_pass(&bench, 1000000);
	assert_int_equal(bench.sent_count + bench.told_count, 0);
	bench_end(&bench);
}

static void every_event_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < UA_EVENT_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			assert_false(slice_is_equal(ua_event_name((enum ua_event_kind)i),
						    ua_event_name((enum ua_event_kind)k)));
}

static void response_that_nobody_asked_for_is_told_as_stray(void **state)
{
	struct bench bench;

	(void)state;
	bench_make(&bench, false, false);
	bench_hear(&bench, "SIP/2.0 403 Forbidden\nVia: SIP/2.0/UDP x;branch=z9hG4bKraw\n"
			   "From: <sip:user-c@abc.com>;tag=1\nTo: <sip:user-b@xyz.com>;tag=2\n"
			   "Call-ID: raw\nCSeq: 1 INVITE\nContent-Length: 0\n\n");
	assert_told(&bench, 0, UA_EVENT_STRAY, 403);
	assert_int_equal(bench.sent_count, 0);
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_name_of_a_user_makes_an_agent),
		cmocka_unit_test(idle_agent_needs_no_clock),
		cmocka_unit_test(every_event_has_a_name_of_its_own),
		cmocka_unit_test(response_that_nobody_asked_for_is_told_as_stray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
