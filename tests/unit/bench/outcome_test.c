#include "tests/unit/bench/cmocka_setup.h"

#include <string.h>

#include "bench/loadgen/outcome.h"

static struct outcome outcome;

static void complaints_are_counted_under_their_sentences(void **state)
{
	static const char one[] = "one", two[] = "two";

	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	outcome_complain(&outcome, one);
	outcome_complain(&outcome, two);
	outcome_complain(&outcome, one);
	assert_int_equal(outcome.complaints, 3);
	assert_int_equal(outcome.complaint_kinds, 2);
	assert_int_equal(outcome.complaint[0].count, 2);
	assert_string_equal(outcome.complaint[1].sentence, "two");
}

static void more_kinds_of_complaints_than_there_is_room_for_are_still_counted(void **state)
{
	static char sentences[OUTCOME_COMPLAINTS + 4][2];

	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	for (int i = 0; i < OUTCOME_COMPLAINTS + 4; i++)
		outcome_complain(&outcome, sentences[i]);
	assert_int_equal(outcome.complaints, OUTCOME_COMPLAINTS + 4);
	assert_int_equal(outcome.complaint_kinds, OUTCOME_COMPLAINTS);
}

static void who_was_too_slow_is_said(void **state)
{
	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	outcome.planned_seconds = 2;
	outcome.sent_seconds = 2.02;
	assert_false(outcome_is_behind(&outcome));
	outcome.sent_seconds = 2.03;
	assert_true(outcome_is_behind(&outcome));
	assert_true(outcome_is_generator_bound(&outcome));
	/* the wire was full: it was not the generator */
	outcome.port_full = 1;
	assert_true(outcome_is_behind(&outcome));
	assert_false(outcome_is_generator_bound(&outcome));
	outcome.port_full = 0;
	outcome.sent_seconds = 2;
	outcome.unanswered = 1;
	assert_true(outcome_is_generator_bound(&outcome));
}

static void the_rate_is_that_of_sending_from_the_first_to_the_last(void **state)
{
	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	assert_true(outcome_sent_rate(&outcome) == 0);
	outcome.rate = 2000; /* one alone takes no time, as planned and as it went */
	assert_true(outcome_sent_rate(&outcome) == 0);
	outcome.planned_seconds = 1; /* 2,001 of them */
	outcome.sent_seconds = 2;
	assert_true(outcome_sent_rate(&outcome) == 1000);
}

static void only_legitimate_ones_are_offered(void **state)
{
	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	outcome.offered[PLAN_MESSAGE] = 5;
	outcome.offered[PLAN_SPOOFED] = 7;
	assert_int_equal(outcome_offered(&outcome), 5);
}

static void a_report_has_what_the_manual_names(void **state)
{
	static const char *const names[] = {"offered",	"completed", "lost",
					    "escaped",	"delivery",  "answer",
					    "lateness", "complaint", "generator_bound"};
	const struct job job = {.scenario = JOB_CALL, .label = "x"};
	json_t *json;

	(void)state;
	memset(&outcome, 0, sizeof(outcome));
	histogram_add(&outcome.delivery, 5000);
	outcome.offered[PLAN_CALL] = 3;
	outcome.lost = 1;
	json = outcome_json(&outcome, &job);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(json_object_get(json, names[i]));
	assert_int_equal(json_integer_value(json_object_get(json, "lost")), 1);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(json, "offered"), "call")),
			 3);
	assert_true(json_real_value(json_object_get(json_object_get(json, "delivery"), "min_us")) ==
		    5.0);
	assert_string_equal(json_string_value(json_object_get(json, "scenario")), "call");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints_are_counted_under_their_sentences),
		cmocka_unit_test(more_kinds_of_complaints_than_there_is_room_for_are_still_counted),
		cmocka_unit_test(who_was_too_slow_is_said),
		cmocka_unit_test(the_rate_is_that_of_sending_from_the_first_to_the_last),
		cmocka_unit_test(only_legitimate_ones_are_offered),
		cmocka_unit_test(a_report_has_what_the_manual_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
