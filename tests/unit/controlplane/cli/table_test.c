#include "controlplane/cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

static void shown_is(const struct column *columns, size_t count, const char *list,
		     const char *expected)
{
	json_t *json = json_loads(list, 0, NULL);
	char *told = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&told, &length);

	assert_non_null(json);
	table_show(columns, count, json, to);
	fclose(to);
	assert_string_equal(told, expected);
	free(told);
	json_decref(json);
}

static void columns_are_as_wide_as_needed(void **state)
{
	static const struct column columns[] = {
		{"NAME", "name", false}, {"COUNT", "count", false}, {"WHAT", "what", false}};

	(void)state;
	shown_is(columns, 3,
		 "[{\"name\":\"a\",\"count\":5,\"what\":[\"x\",\"y\"]},"
		 "{\"name\":\"longer\",\"count\":1234567,\"what\":true},{}]",
		 "NAME      COUNT  WHAT\n"
		 "a             5  x,y\n"
		 "longer  1234567  yes\n"
		 "-             -  -\n");
}

static void control_codes_do_not_reach_the_terminal(void **state)
{
	static const struct column columns[] = {{"NAME", "name", false}};

	(void)state;
	shown_is(columns, 1, "[{\"name\":\"a\\u001b[2Jb\\n\"}]", "NAME\na?[2Jb?\n");
	shown_is(columns, 1, "[{\"name\":\"a\\u009b2Jb\"}]", "NAME\na??2Jb\n");
}

static void times_are_dates(void **state)
{
	static const struct column columns[] = {{"AT", "at", true}, {"X", "x", false}};

	(void)state;
	setenv("TZ", "UTC", 1);
	shown_is(columns, 2, "[{\"at\":1700000000,\"x\":1},{\"at\":0,\"x\":2}]",
		 "AT                   X\n2023-11-14 22:13:20  1\n-                    2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_needed),
		cmocka_unit_test(control_codes_do_not_reach_the_terminal),
		cmocka_unit_test(times_are_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
