#include "dataplane/rules/buckets.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define NOW_MS UINT64_C(1700000000000)

static struct buckets *made(size_t places)
{
	struct buckets *buckets = NULL;

	assert_int_equal(buckets_create(places, &buckets), RESULT_OK);
	return buckets;
}

static void so_many_pass_at_once_and_then_one_by_one(void **state)
{
	struct buckets *buckets = made(16);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(buckets_take(buckets, 5, 10, 60, NOW_MS));
	assert_false(buckets_take(buckets, 5, 10, 60, NOW_MS));
	assert_false(buckets_take(buckets, 5, 10, 60, NOW_MS + 5999));
	assert_true(buckets_take(buckets, 5, 10, 60, NOW_MS + 6000));
	assert_false(buckets_take(buckets, 5, 10, 60, NOW_MS + 6001));
	for (int i = 0; i < 10; i++)
		assert_true(buckets_take(buckets, 5, 10, 60, NOW_MS + 120000));
	assert_false(buckets_take(buckets, 5, 10, 60, NOW_MS + 120000));
	buckets_destroy(buckets);
}

static void each_key_has_its_own(void **state)
{
	struct buckets *buckets = made(64);

	(void)state;
	for (uint64_t key = 0; key < 16; key++) {
		assert_true(buckets_take(buckets, key, 1, 1, NOW_MS));
		assert_false(buckets_take(buckets, key, 1, 1, NOW_MS));
	}
	buckets_destroy(buckets);
}

static void the_longest_rested_gives_way(void **state)
{
	struct buckets *buckets = made(4);

	(void)state;
	for (uint64_t key = 1; key <= 4; key++)
		assert_true(buckets_take(buckets, key, 1, 10, NOW_MS + key));
	assert_true(buckets_take(buckets, 5, 1, 10, NOW_MS + 5));
	for (uint64_t key = 2; key <= 5; key++)
		assert_false(buckets_take(buckets, key, 1, 10, NOW_MS + 6));
	buckets_destroy(buckets);
}

static void clock_set_back_shuts_nobody_out(void **state)
{
	struct buckets *buckets = made(4);

	(void)state;
	assert_true(buckets_take(buckets, 1, 1, 10, NOW_MS + 3600000));
	assert_true(buckets_take(buckets, 1, 1, 10, NOW_MS));
	assert_false(buckets_take(buckets, 1, 1, 10, NOW_MS + 1));
	buckets_destroy(buckets);
}

static void odd_sizes_are_refused(void **state)
{
	struct buckets *buckets = NULL;

	(void)state;
	assert_int_equal(buckets_create(0, &buckets), RESULT_BAD);
	assert_int_equal(buckets_create(2, &buckets), RESULT_BAD);
	assert_int_equal(buckets_create(24, &buckets), RESULT_BAD);
	buckets_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_pass_at_once_and_then_one_by_one),
		cmocka_unit_test(each_key_has_its_own),
		cmocka_unit_test(the_longest_rested_gives_way),
		cmocka_unit_test(clock_set_back_shuts_nobody_out),
		cmocka_unit_test(odd_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
