#include "shared/contract/policy_hours.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define HOUR_S 3600
/* Monday, 20 November 2023, 00:00 UTC. */
#define MONDAY_S UINT64_C(1700438400)

static bool holds(uint8_t days, uint16_t from, uint16_t to, uint64_t now_s)
{
	const struct policy_rule rule = {.days = days, .from_minute = from, .to_minute = to};
	const struct policy_blob blob = {.zone_count = 0};

	return policy_hours_are_now(&blob, &rule, now_s);
}

static void rule_holds_from_its_first_minute_to_before_its_last(void **state)
{
	(void)state;
	assert_false(holds(1, 8 * 60, 18 * 60, MONDAY_S + 8 * HOUR_S - 1));
	assert_true(holds(1, 8 * 60, 18 * 60, MONDAY_S + 8 * HOUR_S));
	assert_true(holds(1, 8 * 60, 18 * 60, MONDAY_S + 18 * HOUR_S - 1));
	assert_false(holds(1, 8 * 60, 18 * 60, MONDAY_S + 18 * HOUR_S));
	assert_true(holds(1, 0, 1440, MONDAY_S + 24 * HOUR_S - 1));
}

static void each_day_of_the_week_is_its_own(void **state)
{
	(void)state;
	for (unsigned day = 0; day < 14; day++)
		for (unsigned bit = 0; bit < 7; bit++)
			assert_int_equal(holds((uint8_t)(1u << bit), 0, 1440,
					       MONDAY_S + day * 24 * HOUR_S + HOUR_S),
					 day % 7 == bit);
}

static void hours_over_midnight_are_of_the_day_they_begin_on(void **state)
{
	/* Sunday, 22:00 to 06:00. */
	(void)state;
	assert_true(holds(1u << 6, 22 * 60, 6 * 60, MONDAY_S - 2 * HOUR_S));
	assert_true(holds(1u << 6, 22 * 60, 6 * 60, MONDAY_S + 6 * HOUR_S - 1));
	assert_false(holds(1u << 6, 22 * 60, 6 * 60, MONDAY_S + 6 * HOUR_S));
	assert_false(holds(1u << 6, 22 * 60, 6 * 60, MONDAY_S + 23 * HOUR_S));
	assert_false(holds(1u << 6, 22 * 60, 6 * 60, MONDAY_S - 23 * HOUR_S));
}

static void the_zone_s_change_moves_the_hours(void **state)
{
	const struct policy_rule rule = {.days = 0x7f, .from_minute = 480, .to_minute = 540};
	const struct policy_blob blob = {
		.zone_count = 2,
		.zone = {{.from_s = 0, .offset_s = HOUR_S},
			 {.from_s = (int64_t)MONDAY_S, .offset_s = 2 * HOUR_S}}};

	(void)state;
	assert_true(policy_hours_are_now(&blob, &rule, MONDAY_S - 24 * HOUR_S + 7 * HOUR_S));
	assert_false(policy_hours_are_now(&blob, &rule, MONDAY_S - 24 * HOUR_S + 6 * HOUR_S));
	assert_true(policy_hours_are_now(&blob, &rule, MONDAY_S + 6 * HOUR_S));
	assert_false(policy_hours_are_now(&blob, &rule, MONDAY_S + 7 * HOUR_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_holds_from_its_first_minute_to_before_its_last),
		cmocka_unit_test(each_day_of_the_week_is_its_own),
		cmocka_unit_test(hours_over_midnight_are_of_the_day_they_begin_on),
		cmocka_unit_test(the_zone_s_change_moves_the_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
