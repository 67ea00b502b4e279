/* Memory for keys: zeroed, large, lockable. */
#include "dataplane/tables/sa_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/mapping.h"

static void memory_comes_zeroed_whatever_is_wished(void **state)
{
	(void)state;
	for (int is_huge = 0; is_huge < 2; is_huge++) {
		struct sa_memory memory;
		uint8_t *at;

		assert_int_equal(sa_memory_map(5000000, is_huge, false, &memory), RESULT_OK);
		assert_true(memory.bytes >= 5000000);
		at = memory.at;
		assert_int_equal((uintptr_t)at % 64, 0);
		for (size_t i = 0; i < memory.bytes; i += 4096)
			assert_int_equal(at[i], 0);
		sa_memory_unmap(&memory);
		assert_null(memory.at);
		sa_memory_unmap(&memory);
	}
}

static void keys_are_neither_dumped_nor_swapped(void **state)
{
	struct sa_memory memory;

	(void)state;
	assert_int_equal(sa_memory_map(4096, false, true, &memory), RESULT_OK);
	assert_true(mapping_has_flag(memory.at, " dd")); /* not in core dumps */
	assert_true(mapping_has_flag(memory.at, " lo")); /* locked */
	sa_memory_unmap(&memory);
}

static void more_than_there_can_be_is_refused(void **state)
{
	struct sa_memory memory;

	(void)state;
	assert_int_equal(sa_memory_map((size_t)1 << 60, false, false, &memory), RESULT_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_comes_zeroed_whatever_is_wished),
		cmocka_unit_test(keys_are_neither_dumped_nor_swapped),
		cmocka_unit_test(more_than_there_can_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
