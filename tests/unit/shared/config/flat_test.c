#include "tests/unit/shared/config/opened.h"

#include "shared/config/flat.h"

static struct config_flat flat_of(const char *text)
{
	struct config_flat flat;
	struct config *config;

	assert_int_equal(config_open_bytes("c.yaml", text, strlen(text), stderr, &config),
			 RESULT_OK);
	assert_int_equal(config_flat_read(config, &flat), RESULT_OK);
	config_close(config);
	return flat;
}

static void difference_write(void *ctx, const char *path, const char *from, const char *to)
{
	fprintf(ctx, "%s: %s -> %s\n", path, from != NULL ? from : "none",
		to != NULL ? to : "none");
}

static void differences_are(const char *from_text, const char *to_text, const char *expected)
{
	struct config_flat from = flat_of(from_text), to = flat_of(to_text);
	char *told = NULL;
	size_t length;
	FILE *file = open_memstream(&told, &length);

	config_flat_compare(&from, &to, difference_write, file);
	fclose(file);
	assert_string_equal(told, expected);
	free(told);
	config_flat_destroy(&from);
	config_flat_destroy(&to);
}

static void same_values_in_another_order_and_dress_are_the_same(void **state)
{
	(void)state;
	differences_are("a: 1\nb: {c: x, d: [1, 2]}\n",
			"b:\n  d:\n    - 1\n    - \"2\"\n  c: 'x'\na: 1\n", "");
}

static void each_difference_is_told_with_both_values(void **state)
{
	(void)state;
	differences_are("a: 1\nb: {c: x, d: [1, 2]}\ngone: y\n",
			"a: 2\nb: {c: x, d: [1, 2, 3]}\nnew: z\n",
			"a: 1 -> 2\nb.d: 1, 2 -> 1, 2, 3\ngone: y -> none\nnew: none -> z\n");
}

static void item_with_a_name_is_known_by_it_wherever_it_stands(void **state)
{
	(void)state;
	differences_are("peers: [{name: b, dial: yes}]\n",
			"peers: [{name: a, dial: no}, {name: b, dial: no}]\n",
			"peers[a].dial: none -> no\npeers[a].name: none -> a\n"
			"peers[b].dial: yes -> no\n");
}

static void item_without_a_name_is_known_by_its_place(void **state)
{
	(void)state;
	differences_are("l: [{x: 1}, {x: 2}]\n", "l: [{x: 1}, {x: 3}]\n", "l[2].x: 2 -> 3\n");
}

static void empty_ones_compare(void **state)
{
	const struct config_flat none = {0};
	struct config_flat one = flat_of("a: 1\n");

	(void)state;
	config_flat_compare(&none, &none, difference_write, stderr);
	assert_int_equal(one.count, 1);
	config_flat_destroy(&one);
	assert_int_equal(one.count, 0);
	differences_are("a:\n", "a: 1\n", "a:  -> 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_values_in_another_order_and_dress_are_the_same),
		cmocka_unit_test(each_difference_is_told_with_both_values),
		cmocka_unit_test(item_with_a_name_is_known_by_it_wherever_it_stands),
		cmocka_unit_test(item_without_a_name_is_known_by_its_place),
		cmocka_unit_test(empty_ones_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
