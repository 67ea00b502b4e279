#include "controlplane/policy/expressions.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bad_expression_is_named_with_a_reason(void **state)
{
	struct expressions expressions = {0};
	char *bytes = NULL, reason[160] = "";
	uint32_t place = 77;
	size_t length;

	(void)state;
	assert_int_equal(expressions_add(&expressions, "good", 1), RESULT_OK);
	assert_int_equal(expressions_add(&expressions, "a(b", 2), RESULT_OK);
	assert_int_equal(expressions_compile(&expressions, &bytes, &length, &place, reason,
					     sizeof(reason)),
			 RESULT_BAD);
	assert_int_equal(place, 1);
	assert_true(strlen(reason) > 0);
	assert_null(bytes);
	expressions_free(&expressions);
	assert_int_equal(expressions.count, 0);
}

static void many_are_kept_and_compiled(void **state)
{
	struct expressions expressions = {0};
	char *bytes = NULL, reason[160], text[32];
	uint32_t place;
	size_t length = 0;

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "user-%u@", i);
		assert_int_equal(expressions_add(&expressions, text, i), RESULT_OK);
	}
	assert_int_equal(expressions.count, 200);
	assert_string_equal(expressions.text[199], "user-199@");
	assert_int_equal(expressions_compile(&expressions, &bytes, &length, &place, reason,
					     sizeof(reason)),
			 RESULT_OK);
	assert_true(length > 0);
	free(bytes);
	expressions_free(&expressions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_expression_is_named_with_a_reason),
		cmocka_unit_test(many_are_kept_and_compiled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
