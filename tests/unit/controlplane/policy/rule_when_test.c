#include "controlplane/policy/rule_when.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void hours_are_read_and_shown_in_one_spelling(void **state)
{
	static const struct {
		const char *text;
		uint8_t days;
		uint16_t from, to;
		const char *shown;
	} row[] = {
		{"mon-fri 08:00-18:00", 0x1f, 480, 1080, "mon-fri 08:00-18:00"},
		{"sat,sun", 0x60, 0, 1440, "sat,sun"},
		{"22:00-06:00", 0x7f, 1320, 360, "22:00-06:00"},
		{"mon", 0x01, 0, 1440, "mon"},
		{"sat-mon 00:00-24:00", 0x61, 0, 1440, "mon,sat,sun"},
		{"mon-sun", 0x7f, 0, 1440, "mon-sun"},
		{"mon,wed,fri,sun 01:02-03:04", 0x55, 62, 184, "mon,wed,fri,sun 01:02-03:04"},
		{"", 0, 0, 0, ""},
	};
	char shown[RULE_HOURS_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct policy_rule rule = {.days = 99}, again;

		assert_int_equal(rule_hours_parse(row[i].text, &rule), RESULT_OK);
		assert_int_equal(rule.days, row[i].days);
		assert_int_equal(rule.from_minute, row[i].from);
		assert_int_equal(rule.to_minute, row[i].to);
		rule_hours_show(&rule, shown);
		assert_string_equal(shown, row[i].shown);
		assert_int_equal(rule_hours_parse(shown, &again), RESULT_OK);
		assert_int_equal(again.days, rule.days);
		assert_int_equal(again.to_minute, rule.to_minute);
	}
}

static void what_are_no_hours_is_refused(void **state)
{
	static const char *const bad[] = {
		"monday", "mon-", "mon,", "mon 8:00-18:00", "mon 08:00", "mon 08:00-", "25:00-26:00",
		"08:60-09:00", "08:00-08:00", "24:00-06:00", "08:00-00:00", "08:00-18:00x", "x",
		"mon 08:00-18:00 UTC", "24:01-24:02", "fri--mon", "08-18",
	};
	struct policy_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rule_hours_parse(bad[i], &rule), RESULT_BAD);
	}
}

static void rates_are_read_and_shown_in_one_spelling(void **state)
{
	static const struct {
		const char *text;
		uint32_t count, period_s;
		const char *shown;
	} row[] = {
		{"10/min", 10, 60, "10/min"}, {"10/60s", 10, 60, "10/min"}, {"3/10s", 3, 10, "3/10s"},
		{"1/s", 1, 1, "1/s"},	      {"100/h", 100, 3600, "100/h"}, {"5/24h", 5, 86400, "5/86400s"},
		{"", 0, 0, ""},		      {"2/2m", 2, 120, "2/120s"},
	};
	char shown[RULE_RATE_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct policy_rule rule;

		assert_int_equal(rule_rate_parse(row[i].text, &rule), RESULT_OK);
		assert_int_equal(rule.rate_count, row[i].count);
		assert_int_equal(rule.rate_period_s, row[i].period_s);
		rule_rate_show(&rule, shown);
		assert_string_equal(shown, row[i].shown);
	}
}

static void what_is_no_rate_is_refused(void **state)
{
	static const char *const bad[] = {"10",	    "0/s",	    "10/",	"10/0s",  "-1/s",
					  "10/d",   "1000001/s", "1/86401s", "1/25h", "10/sec",
					  "10/mins", "/s",	    "x/s",	"1 /s",   "1/99999999999999999999s"};
	struct policy_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rule_rate_parse(bad[i], &rule), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_read_and_shown_in_one_spelling),
		cmocka_unit_test(what_are_no_hours_is_refused),
		cmocka_unit_test(rates_are_read_and_shown_in_one_spelling),
		cmocka_unit_test(what_is_no_rate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
