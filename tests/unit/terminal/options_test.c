/* What the program is called with. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <getopt.h>
#include <string.h>

#include "terminal/options.h"

#define WORDS 12

/* Reads a command line, words set apart by blanks; they are kept in line. */
static bool read_line(char *line, struct options *out)
{
	char *words[WORDS] = {"sekisho-terminal"};
	int count = 1;

	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	*out = (struct options){0};
	optind = 0; /* from the beginning */
	if (!options_read(count, words, out))
		return false;
	assert_int_equal(out->count, count - (int)(out->words - words));
	out->words = NULL; /* they end with this function */
	return true;
}

static void options_may_stand_anywhere(void **state)
{
	char line[] = "--json call user-b@xyz.com --timeout 2.5 --socket /x/control";
	struct options options;

	(void)state;
	assert_true(read_line(line, &options));
	assert_int_equal(options.count, 2);
	assert_true(options.is_json);
	assert_true(options.timeout_s > 2.4 && options.timeout_s < 2.6);
	assert_string_equal(options.socket, "/x/control");
	assert_null(options.config);
	assert_null(options.route_security);
}

static void every_route_security_counts(void **state)
{
	char line[] = "call a@b --from c@d --route-security one --route-security two";
	struct options options;

	(void)state;
	assert_true(read_line(line, &options));
	assert_string_equal(options.from, "c@d");
	assert_int_equal(json_array_size(options.route_security), 2);
	assert_string_equal(json_string_value(json_array_get(options.route_security, 1)), "two");
	json_decref(options.route_security);
}

static void a_time_is_a_number_of_seconds(void **state)
{
	static const char *const wrong[] = {"soon", "0", "-1", "1s", "nan", "inf", "1e9"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64];
		struct options options;

		snprintf(line, sizeof(line), "--timeout %s status", wrong[i]);
		if (read_line(line, &options))
			fail_msg("%s was taken", wrong[i]);
	}
}

static void what_is_no_option_is_refused(void **state)
{
	static const char *const wrong[] = {"--nonsense status", "-j status", "--json=yes status",
					    "status --config"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64];
		struct options options;

		snprintf(line, sizeof(line), "%s", wrong[i]);
		if (read_line(line, &options))
			fail_msg("%s was taken", wrong[i]);
	}
}

static void a_mistake_is_wrong_use(void **state)
{
	(void)state;
	assert_int_equal(options_mistake("a test says %s", "so"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(every_route_security_counts),
		cmocka_unit_test(a_time_is_a_number_of_seconds),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(a_mistake_is_wrong_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
