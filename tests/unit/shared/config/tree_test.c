#include "tests/unit/shared/config/opened.h"

static void key_without_value_is_refused_at_the_key(void **state)
{
	struct opened o = opened_make("a: 1\nb:\nc: 2\n");
	uint64_t value;

	(void)state;
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 9, &value));
	assert_false(config_integer(o.root, "b", CONFIG_OPTIONAL, 0, 9, &value));
	assert_true(config_integer(o.root, "c", CONFIG_REQUIRED, 0, 9, &value));
	opened_expect(&o, "conf/a.yaml:2:1: \"b\" has no value\n    b:\n    ^\n");
}

static void wrong_kinds_of_value_are_refused(void **state)
{
	struct opened o = opened_make("a: [1]\nb: 2\nc: {d: 1}\n");
	struct config_node out;
	char text[4];

	(void)state;
	assert_false(config_text(o.root, "a", CONFIG_REQUIRED, text, sizeof(text)));
	assert_false(config_map(o.root, "b", CONFIG_REQUIRED, &out));
	assert_false(config_has(out, "x"));
	assert_false(config_list(o.root, "c", CONFIG_REQUIRED, 0, 4, &out));
	assert_int_equal(config_count(out), 0);
	opened_expect(&o,
		      "conf/a.yaml:1:5: a single value is expected here\n    a: [1]\n        ^\n"
		      "conf/a.yaml:2:4: a mapping of keys and values is expected here\n"
		      "    b: 2\n       ^\n"
		      "conf/a.yaml:3:5: a list is expected here\n    c: {d: 1}\n        ^\n"
		      "conf/a.yaml:3:5: \"d\" is no known key here\n    c: {d: 1}\n        ^\n");
}

static void lists_are_bounded_and_read_by_item(void **state)
{
	struct opened o = opened_make("a: [1, 2, x]\nb: []\n");
	struct config_node list;
	uint64_t sum = 0, value = 0;

	(void)state;
	assert_true(config_list(o.root, "a", CONFIG_REQUIRED, 1, 3, &list));
	assert_int_equal(config_count(list), 3);
	for (size_t i = 0; i < 3; i++)
		if (config_integer(config_item(list, i), NULL, CONFIG_REQUIRED, 0, 9, &value))
			sum += value;
	assert_int_equal(sum, 3);
	assert_null(config_item(list, 3).at);
	assert_false(config_list(o.root, "b", CONFIG_REQUIRED, 1, 3, &list));
	opened_expect(&o, "conf/a.yaml:1:11: \"x\" is no whole number from 0 to 9\n"
			  "    a: [1, 2, x]\n              ^\n"
			  "conf/a.yaml:2:1: a list of 1 to 3 is expected here, this has 0\n"
			  "    b: []\n    ^\n");
}

static void getters_on_a_mapping_that_is_not_there_are_silent(void **state)
{
	struct opened o = opened_make("a: 1\n");
	struct config_node map;
	uint64_t value = 3;

	(void)state;
	assert_false(config_map(o.root, "b", CONFIG_OPTIONAL, &map));
	assert_false(config_integer(map, "c", CONFIG_REQUIRED, 0, 9, &value));
	assert_int_equal(value, 3);
	assert_true(config_has(o.root, "a"));
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 9, &value));
	opened_expect(&o, "");
}

static void mistake_of_ones_own_is_told_at_the_value(void **state)
{
	struct opened o = opened_make("a: 60\nb: 30\n");
	uint64_t a, b;

	(void)state;
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 99, &a));
	assert_true(config_integer(o.root, "b", CONFIG_REQUIRED, 0, 99, &b));
	config_mistake(o.root, "b", "hard is before soft (%d)", (int)a);
	opened_expect(&o, "conf/a.yaml:2:4: hard is before soft (60)\n    b: 30\n       ^\n");
}

static void aliases_are_refused(void **state)
{
	struct opened o = opened_make("a: &x 1\nb: *x\n");
	uint64_t value;

	(void)state;
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 9, &value));
	assert_false(config_integer(o.root, "b", CONFIG_REQUIRED, 0, 9, &value));
	opened_expect(&o,
		      "conf/a.yaml:2:4: a single value is expected here\n    b: *x\n       ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_without_value_is_refused_at_the_key),
		cmocka_unit_test(wrong_kinds_of_value_are_refused),
		cmocka_unit_test(lists_are_bounded_and_read_by_item),
		cmocka_unit_test(getters_on_a_mapping_that_is_not_there_are_silent),
		cmocka_unit_test(mistake_of_ones_own_is_told_at_the_value),
		cmocka_unit_test(aliases_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
