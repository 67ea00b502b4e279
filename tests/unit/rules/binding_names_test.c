#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/tables/binding_names.h"

/* Is the index in the chain of this name? How long the chain is, in *length. */
static bool is_there(const struct binding_names *names, uint32_t name, uint32_t index,
		     unsigned *length)
{
	bool is_found = false;

	*length = 0;
	for (uint32_t at = binding_names_first(names, name); at != 0;
	     at = binding_names_next(names, at)) {
		is_found = is_found || at == index;
		assert_in_range(++*length, 1, 100);
	}
	return is_found;
}

static void each_is_in_the_chain_of_its_name_until_it_is_removed(void **state)
{
	struct binding_names names;
	unsigned length;

	(void)state;
	assert_int_equal(binding_names_init(&names, 100), RESULT_OK);
	assert_int_equal(names.mask, 127);
	for (uint32_t i = 1; i < 100; i++)
		binding_names_add(&names, i * 3, i);
	for (uint32_t i = 1; i < 100; i++)
		assert_true(is_there(&names, i * 3, i, &length));
	for (uint32_t i = 1; i < 100; i += 2)
		binding_names_remove(&names, i * 3, i);
	for (uint32_t i = 1; i < 100; i++)
		assert_int_equal(is_there(&names, i * 3, i, &length), i % 2 == 0);
	binding_names_fini(&names);
}

static void of_one_bucket_first_middle_and_last_can_go(void **state)
{
	struct binding_names names;
	unsigned length;

	(void)state;
	for (uint32_t gone = 1; gone <= 3; gone++) {
		assert_int_equal(binding_names_init(&names, 8), RESULT_OK);
		for (uint32_t i = 1; i <= 3; i++)
			binding_names_add(&names, 5 + i * 8, i);
		binding_names_remove(&names, 5 + gone * 8, gone);
		for (uint32_t i = 1; i <= 3; i++)
			assert_int_equal(is_there(&names, 5, i, &length), i != gone);
		assert_int_equal(length, 2);
		binding_names_add(&names, 6, gone);
		assert_true(is_there(&names, 6, gone, &length));
		assert_int_equal(length, 1);
		binding_names_fini(&names);
	}
}

static void removing_what_is_not_there_changes_nothing(void **state)
{
	struct binding_names names;
	unsigned length;

	(void)state;
	assert_int_equal(binding_names_init(&names, 8), RESULT_OK);
	binding_names_remove(&names, 5, 3);
	binding_names_add(&names, 5, 1);
	binding_names_remove(&names, 5, 3);
	assert_true(is_there(&names, 5, 1, &length));
	assert_int_equal(length, 1);
	binding_names_fini(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_in_the_chain_of_its_name_until_it_is_removed),
		cmocka_unit_test(of_one_bucket_first_middle_and_last_can_go),
		cmocka_unit_test(removing_what_is_not_there_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
