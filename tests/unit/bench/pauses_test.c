#include "tests/unit/bench/cmocka_setup.h"

#include "bench/loadgen/pauses.h"

#define LIMIT 100

static struct pauses pauses;

static int begin(void **state)
{
	(void)state;
	pauses = (struct pauses){.limit_tsc = LIMIT};
	assert_int_equal(pauses_look(&pauses, 1000), 0);
	pauses_end(&pauses, 1010, 5, true);
	return 0;
}

static void turns_that_follow_each_other_spoil_nothing(void **state)
{
	(void)state;
	assert_int_equal(pauses_look(&pauses, 1000 + LIMIT), 0);
	assert_true(pauses_spared(&pauses, 1));
}

static void what_comes_in_right_after_a_pause_is_spoiled(void **state)
{
	(void)state;
	assert_int_equal(pauses_look(&pauses, 1000 + LIMIT + 1), LIMIT + 1);
	assert_false(pauses_spared(&pauses, 1));
	assert_false(pauses_spared(&pauses, 1100));
}

static void what_stands_in_line_behind_it_is_spoiled_too(void **state)
{
	(void)state;
	assert_int_equal(pauses_look(&pauses, 5000), 4000);
	pauses_end(&pauses, 5010, 900, false); /* not all of it is sent */
	assert_false(pauses_spared(&pauses, 5005));
	assert_int_equal(pauses_look(&pauses, 5020), 0);
	pauses_end(&pauses, 5030, PAUSES_UNDER_WAY + 1, true); /* sent, and under way */
	assert_false(pauses_spared(&pauses, 5025));
	assert_int_equal(pauses_look(&pauses, 5040), 0);
	pauses_end(&pauses, 5050, PAUSES_UNDER_WAY, true);
	assert_false(pauses_spared(&pauses, 5049)); /* due before that was over */
	assert_true(pauses_spared(&pauses, 5050));
}

static void under_way_may_be_what_was_before(void **state)
{
	(void)state;
	assert_int_equal(pauses_look(&pauses, 1020), 0);
	pauses_end(&pauses, 1030, 70, true);
	assert_int_equal(pauses_look(&pauses, 2000), 980);
	pauses_end(&pauses, 2010, 71, true);
	assert_false(pauses_spared(&pauses, 2010));
	pauses_end(&pauses, 2020, 70, true);
	assert_true(pauses_spared(&pauses, 2020));
}

static void a_pause_before_the_last_one_is_over_goes_on(void **state)
{
	(void)state;
	assert_int_equal(pauses_look(&pauses, 2000), 1000);
	pauses_end(&pauses, 2010, 500, true);
	assert_int_equal(pauses_look(&pauses, 3000), 1000);
	pauses_end(&pauses, 3010, 500, true); /* no new measure of what is usual */
	assert_false(pauses_spared(&pauses, 3010));
	pauses_end(&pauses, 3020, 0, true);
	assert_true(pauses_spared(&pauses, 3020));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(turns_that_follow_each_other_spoil_nothing, begin),
		cmocka_unit_test_setup(what_comes_in_right_after_a_pause_is_spoiled, begin),
		cmocka_unit_test_setup(what_stands_in_line_behind_it_is_spoiled_too, begin),
		cmocka_unit_test_setup(under_way_may_be_what_was_before, begin),
		cmocka_unit_test_setup(a_pause_before_the_last_one_is_over_goes_on, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
