/* Every drop reason has a name and a sentence, in order. */
#include "dataplane/drop_reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "shared/contract/drop_sentence.h"

static void every_reason_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (int i = DROP_NONE + 1; i < DROP_REASON_COUNT; i++) {
		const char *name = drop_reason_name((enum drop_reason)i);

		/* A counter's name in the contract holds 39 characters. */
		assert_in_range(strlen(name), 3, 39);
		assert_true(strlen(drop_sentence(drop_reason_name((enum drop_reason)i))) > 10);
		for (int j = DROP_NONE; j < i; j++)
			assert_string_not_equal(name, drop_reason_name((enum drop_reason)j));
	}
}

static void what_is_no_reason_has_no_sentence(void **state)
{
	(void)state;
	assert_string_equal(drop_reason_name(DROP_NONE), "none");
	assert_string_equal(drop_sentence(drop_reason_name(DROP_NONE)), "");
	assert_string_equal(drop_reason_name(DROP_REASON_COUNT), "unknown");
	assert_string_equal(drop_sentence(drop_reason_name((enum drop_reason) - 1)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(what_is_no_reason_has_no_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
