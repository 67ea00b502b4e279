#include "tests/unit/shared/config/opened.h"

static void optional_value_that_is_missing_leaves_the_default(void **state)
{
	struct opened o = opened_make("x: 1\n");
	uint64_t value = 42;
	bool flag = true;

	(void)state;
	assert_false(config_integer(o.root, "a", CONFIG_OPTIONAL, 0, 100, &value));
	assert_false(config_boolean(o.root, "b", CONFIG_OPTIONAL, &flag));
	assert_int_equal(value, 42);
	assert_true(flag);
	assert_true(config_integer(o.root, "x", CONFIG_OPTIONAL, 0, 100, &value));
	opened_expect(&o, "");
}

static void integers_are_decimal_and_in_range(void **state)
{
	static const char *const bad[] = {
		"-1", "0x10", "1 2", "10.", "101", "99999999999999999999", "\"\"", "1_0"};
	char text[64];
	uint64_t value = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct config *config;
		FILE *report = fopen("/dev/null", "w");

		snprintf(text, sizeof(text), "a: %s\n", bad[i]);
		assert_int_equal(config_open_bytes("a", text, strlen(text), report, &config),
				 RESULT_OK);
		assert_false(
			config_integer(config_root(config), "a", CONFIG_REQUIRED, 0, 100, &value));
		assert_int_equal(value, 5);
		assert_int_equal(config_finish(config), RESULT_BAD);
		config_close(config);
		fclose(report);
	}
}

static void words_are_chosen_from_a_list(void **state)
{
	static const struct config_word words[] = {{"require", 1}, {"annotate", 2}, {"off", 3}};
	struct opened o = opened_make("a: annotate\nb: Require\n");
	unsigned value = 9;

	(void)state;
	assert_true(config_choice(o.root, "a", CONFIG_REQUIRED, words, 3, &value));
	assert_int_equal(value, 2);
	assert_false(config_choice(o.root, "b", CONFIG_REQUIRED, words, 3, &value));
	assert_int_equal(value, 2);
	opened_expect(&o, "conf/a.yaml:2:4: \"Require\" is not require, annotate or off\n"
			  "    b: Require\n       ^\n");
}

static void durations_have_a_unit(void **state)
{
	struct opened o = opened_make("a: 45min\nb: 24h\nc: 30\nd: 5 s\ne: 8d\nf: 250ms\n");
	uint64_t ms = 0;

	(void)state;
	assert_true(config_duration(o.root, "a", CONFIG_REQUIRED, 0, UINT64_MAX, &ms));
	assert_int_equal(ms, 2700000);
	assert_true(config_duration(o.root, "b", CONFIG_REQUIRED, 0, UINT64_MAX, &ms));
	assert_int_equal(ms, 86400000);
	assert_false(config_duration(o.root, "c", CONFIG_REQUIRED, 0, UINT64_MAX, &ms));
	assert_false(config_duration(o.root, "d", CONFIG_REQUIRED, 0, UINT64_MAX, &ms));
	assert_false(config_duration(o.root, "e", CONFIG_REQUIRED, 1000, 7 * 86400000ull, &ms));
	assert_true(config_duration(o.root, "f", CONFIG_REQUIRED, 0, UINT64_MAX, &ms));
	assert_int_equal(ms, 250);
	opened_expect(&o,
		      "conf/a.yaml:3:4: \"30\" is no time: a number and ms, s, min, h or d are "
		      "expected\n    c: 30\n       ^\n"
		      "conf/a.yaml:4:4: \"5 s\" is no time: a number and ms, s, min, h or d are "
		      "expected\n    d: 5 s\n       ^\n"
		      "conf/a.yaml:5:4: the time is not from 1000 ms to 604800000 ms\n"
		      "    e: 8d\n       ^\n");
}

static void texts_are_bounded_and_plain(void **state)
{
	struct opened o = opened_make("a: abcd\nb: \"x\\x01y\"\nc: \"\"\n");
	char text[5] = "old";

	(void)state;
	assert_false(config_text(o.root, "a", CONFIG_REQUIRED, text, 4));
	assert_string_equal(text, "old");
	assert_true(config_text(o.root, "a", CONFIG_REQUIRED, text, 5));
	assert_string_equal(text, "abcd");
	assert_false(config_text(o.root, "b", CONFIG_REQUIRED, text, 5));
	assert_false(config_text(o.root, "c", CONFIG_REQUIRED, text, 5));
	opened_expect(&o, "conf/a.yaml:1:4: this is longer than 3 bytes\n    a: abcd\n       ^\n"
			  "conf/a.yaml:2:4: a text without control characters is expected here\n"
			  "    b: \"x\\x01y\"\n       ^\n"
			  "conf/a.yaml:3:4: a text without control characters is expected here\n"
			  "    c: \"\"\n       ^\n");
}

static void paths_are_taken_from_the_folder_of_the_file(void **state)
{
	struct opened o = opened_make("a: key.pem\nb: /etc/key.pem\n");
	char path[64];

	(void)state;
	assert_true(config_path(o.root, "a", CONFIG_REQUIRED, path, sizeof(path)));
	assert_string_equal(path, "conf/key.pem");
	assert_true(config_path(o.root, "b", CONFIG_REQUIRED, path, sizeof(path)));
	assert_string_equal(path, "/etc/key.pem");
	opened_expect(&o, "");
}

static void domains_are_lowered_and_checked(void **state)
{
	struct opened o = opened_make("a: ABC.com\nb: a..b\nc: -a.com\nd: abc.com.\ne: a_b.c\n");
	char domain[LIMIT_DOMAIN_BYTES + 1];

	(void)state;
	assert_true(config_domain(o.root, "a", CONFIG_REQUIRED, domain));
	assert_string_equal(domain, "abc.com");
	assert_false(config_domain(o.root, "b", CONFIG_REQUIRED, domain));
	assert_false(config_domain(o.root, "c", CONFIG_REQUIRED, domain));
	assert_false(config_domain(o.root, "d", CONFIG_REQUIRED, domain));
	assert_false(config_domain(o.root, "e", CONFIG_REQUIRED, domain));
	opened_expect(&o,
		      "conf/a.yaml:2:4: \"a..b\" is no domain name\n    b: a..b\n       ^\n"
		      "conf/a.yaml:3:4: \"-a.com\" is no domain name\n    c: -a.com\n       ^\n"
		      "conf/a.yaml:4:4: \"abc.com.\" is no domain name\n    d: abc.com.\n       ^\n"
		      "conf/a.yaml:5:4: \"a_b.c\" is no domain name\n    e: a_b.c\n       ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(optional_value_that_is_missing_leaves_the_default),
		cmocka_unit_test(integers_are_decimal_and_in_range),
		cmocka_unit_test(words_are_chosen_from_a_list),
		cmocka_unit_test(durations_have_a_unit),
		cmocka_unit_test(texts_are_bounded_and_plain),
		cmocka_unit_test(paths_are_taken_from_the_folder_of_the_file),
		cmocka_unit_test(domains_are_lowered_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
