#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/slab.h"

static void records_are_zeroed_and_on_cache_lines(void **state)
{
	struct slab *slab = slab_create();

	(void)state;
	for (size_t bytes = 1; bytes <= SLAB_RECORD_BYTES; bytes += 63) {
		unsigned char *record = slab_take(slab, bytes);

		assert_non_null(record);
		assert_int_equal((uintptr_t)record % SLAB_CLASS_BYTES, 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(record[i], 0);
		memset(record, 0xff, bytes);
	}
	slab_destroy(slab);
}

static void given_record_is_taken_again_and_zeroed(void **state)
{
	struct slab *slab = slab_create();
	unsigned char *first = slab_take(slab, 100), *second;

	(void)state;
	memset(first, 0xff, 100);
	slab_give(slab, first, 100);
	second = slab_take(slab, 128);
	assert_ptr_equal(second, first);
	for (size_t i = 0; i < 128; i++)
		assert_int_equal(second[i], 0);
	slab_destroy(slab);
}

static void records_do_not_overlap_across_chunks(void **state)
{
	enum { COUNT = 2000 };
	static unsigned char *records[COUNT];
	struct slab *slab = slab_create();

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		records[i] = slab_take(slab, 2048);
		assert_non_null(records[i]);
		memset(records[i], (int)(i & 0xff), 2048);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(records[i][0], i & 0xff);
		assert_int_equal(records[i][2047], i & 0xff);
	}
	assert_true(slab_footprint(slab) >= COUNT * 2048u);
	assert_true(slab_footprint(slab) < COUNT * 2048u + (4u << 20));
	slab_destroy(slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_zeroed_and_on_cache_lines),
		cmocka_unit_test(given_record_is_taken_again_and_zeroed),
		cmocka_unit_test(records_do_not_overlap_across_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
