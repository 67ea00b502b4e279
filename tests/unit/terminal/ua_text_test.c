#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/ua/text.h"

static void text_is_a_copy_that_replaces_what_was(void **state)
{
	char source[] = "first";
	struct text text = {0};

	(void)state;
	assert_int_equal(text_set(&text, slice_make(source, 5)), RESULT_OK);
	source[0] = 'x';
	assert_true(slice_is_equal(text_slice(&text), SLICE("first")));
	assert_int_equal(text_set(&text, SLICE("second one")), RESULT_OK);
	assert_true(slice_is_equal(text_slice(&text), SLICE("second one")));
	text_clear(&text);
	assert_int_equal(text.len, 0);
	assert_null(text.at);
}

static void text_may_be_set_from_itself(void **state)
{
	struct text text = {0};

	(void)state;
	assert_int_equal(text_set(&text, SLICE("abcdef")), RESULT_OK);
	assert_int_equal(text_set(&text, slice_make(text.at + 2, 3)), RESULT_OK);
	assert_true(slice_is_equal(text_slice(&text), SLICE("cde")));
	text_clear(&text);
}

static void empty_text_holds_no_memory(void **state)
{
	struct text text = {0};

	(void)state;
	assert_int_equal(text_set(&text, SLICE("x")), RESULT_OK);
	assert_int_equal(text_set(&text, SLICE("")), RESULT_OK);
	assert_null(text.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_a_copy_that_replaces_what_was),
		cmocka_unit_test(text_may_be_set_from_itself),
		cmocka_unit_test(empty_text_holds_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
