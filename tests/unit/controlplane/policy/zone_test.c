#include "controlplane/policy/zone.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

/* 1 July 2023. */
#define JULY_S UINT64_C(1688169600)

static int32_t offset_at(const struct policy_zone *zone, uint32_t count, int64_t now_s)
{
	int32_t offset = zone[0].offset_s;

	for (uint32_t i = 0; i < count && zone[i].from_s <= now_s; i++)
		offset = zone[i].offset_s;
	return offset;
}

static void summer_time_begins_and_ends_to_the_second(void **state)
{
	struct policy_zone zone[POLICY_ZONE_CHANGES];
	uint32_t count = 0;

	(void)state;
	assert_int_equal(zone_read("Europe/Berlin", JULY_S, zone, &count), RESULT_OK);
	assert_in_range(count, 13, POLICY_ZONE_CHANGES);
	/* 2023-03-26 and 2023-10-29, 01:00 UTC. */
	assert_int_equal(offset_at(zone, count, 1679792399), 3600);
	assert_int_equal(offset_at(zone, count, 1679792400), 7200);
	assert_int_equal(offset_at(zone, count, 1698541199), 7200);
	assert_int_equal(offset_at(zone, count, 1698541200), 3600);
	for (uint32_t i = 1; i < count; i++)
		assert_true(zone[i].from_s > zone[i - 1].from_s);
}

static void zone_without_summer_time_has_one_offset(void **state)
{
	struct policy_zone zone[POLICY_ZONE_CHANGES];
	uint32_t count = 0;

	(void)state;
	assert_int_equal(zone_read("Asia/Tokyo", JULY_S, zone, &count), RESULT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(zone[0].offset_s, 9 * 3600);
}

static void zone_of_the_process_stays_and_other_names_are_refused(void **state)
{
	static const char *const bad[] = {"", "Nowhere/City", "../../etc/passwd", "/etc/localtime",
					  "Europe/"};
	struct policy_zone zone[POLICY_ZONE_CHANGES];
	time_t when = (time_t)JULY_S;
	uint32_t count;
	struct tm local;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	assert_int_equal(zone_read("Europe/Berlin", JULY_S, zone, &count), RESULT_OK);
	localtime_r(&when, &local);
	assert_int_equal(local.tm_gmtoff, 9 * 3600);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(zone_read(bad[i], JULY_S, zone, &count), RESULT_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summer_time_begins_and_ends_to_the_second),
		cmocka_unit_test(zone_without_summer_time_has_one_offset),
		cmocka_unit_test(zone_of_the_process_stays_and_other_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
