/* Memory for arrays: zeroed, and of huge pages where one fits. */
#include "dataplane/tables/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/mapping.h"

static void arrays_of_any_size_are_zeroed_and_taken_and_given_again(void **state)
{
	static const size_t sizes[] = {1, 4096, 4097, ARRAY_HUGE_BYTES - 1, ARRAY_HUGE_BYTES,
				       ARRAY_HUGE_BYTES + 1, 5 * ARRAY_HUGE_BYTES + 5000};

	(void)state;
	for (unsigned again = 0; again < 2; again++)
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned char *at = array_take(sizes[i]);

			assert_non_null(at);
			assert_int_equal((uintptr_t)at % 4096, 0);
			for (size_t byte = 0; byte < sizes[i]; byte++)
				assert_int_equal(at[byte], 0);
			memset(at, 0xff, sizes[i]);
			array_give(at, sizes[i]);
		}
	array_give(NULL, 1);
}

static void what_has_room_for_a_huge_page_lies_on_ones_boundary(void **state)
{
	void *at[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		at[i] = array_take(ARRAY_HUGE_BYTES + 4096);
		assert_int_equal((uintptr_t)at[i] % ARRAY_HUGE_BYTES, 0);
		if (access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0)
			assert_true(mapping_has_flag(at[i], " hg"));
	}
	for (unsigned i = 0; i < 3; i++)
		array_give(at[i], ARRAY_HUGE_BYTES + 4096);
}

static void more_than_there_can_be_is_refused(void **state)
{
	(void)state;
	assert_null(array_take((size_t)1 << 60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_of_any_size_are_zeroed_and_taken_and_given_again),
		cmocka_unit_test(what_has_room_for_a_huge_page_lies_on_ones_boundary),
		cmocka_unit_test(more_than_there_can_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
