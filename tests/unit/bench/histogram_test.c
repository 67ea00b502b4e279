#include "tests/unit/bench/cmocka_setup.h"

#include <stdlib.h>

#include "bench/loadgen/histogram.h"

#define VALUES 100000

static struct histogram histogram, other;
static uint64_t values[VALUES];

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Nearest rank, as the histogram says it. */
static uint64_t exact_quantile(uint32_t per_million)
{
	uint64_t rank = ((uint64_t)VALUES * per_million + 999999) / 1000000;

	return values[rank > 0 ? rank - 1 : 0];
}

static void quantiles_are_near(void)
{
	static const uint32_t wanted[] = {0,	  1,	  1000,	  10000,  100000, 250000, 500000,
					  750000, 900000, 990000, 999000, 999900, 999990, 1000000};

	qsort(values, VALUES, sizeof(values[0]), compare);
	histogram_reset(&histogram);
	for (size_t i = 0; i < VALUES; i++)
		histogram_add(&histogram, values[i]);
	assert_int_equal(histogram.count, VALUES);
	assert_int_equal(histogram.min, values[0]);
	assert_int_equal(histogram.max, values[VALUES - 1]);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		uint64_t exact = exact_quantile(wanted[i]),
			 found = histogram_quantile(&histogram, wanted[i]);

		assert_true(found >= exact);
		assert_true(found - exact <= exact / 128);
	}
}

static void quantiles_of_even_values_are_those_counted_exactly(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < VALUES; i++)
		values[i] = i * 7;
	quantiles_are_near();
}

static void quantiles_of_values_of_every_size_are_those_counted_exactly(void **state)
{
	(void)state;
	srandom(4);
	for (uint64_t i = 0; i < VALUES; i++)
		values[i] = ((uint64_t)random() << 32 | (uint64_t)random() << 1) >>
			    (random() % 64);
	quantiles_are_near();
}

static void quantiles_of_a_long_tail_are_those_counted_exactly(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < VALUES; i++)
		values[i] = i % 1000 == 999 ? 50000000 + i : 3000 + i % 100;
	quantiles_are_near();
}

static void small_values_are_kept_exactly(void **state)
{
	(void)state;
	histogram_reset(&histogram);
	for (uint64_t i = 0; i < 256; i++)
		histogram_add(&histogram, i);
	for (uint32_t i = 0; i < 256; i++)
		assert_int_equal(histogram_quantile(&histogram, (i + 1) * 1000000u / 256), i);
	assert_true(histogram_mean(&histogram) == 127.5);
}

static void the_largest_value_there_is_has_a_bucket(void **state)
{
	(void)state;
	histogram_reset(&histogram);
	histogram_add(&histogram, UINT64_MAX);
	histogram_add(&histogram, 0);
	assert_int_equal(histogram_quantile(&histogram, 1000000), UINT64_MAX);
	assert_int_equal(histogram_quantile(&histogram, 500000), 0);
}

static void no_value_has_no_quantile(void **state)
{
	(void)state;
	histogram_reset(&histogram);
	assert_int_equal(histogram_quantile(&histogram, 500000), 0);
	assert_true(histogram_mean(&histogram) == 0);
}

static void merging_is_as_if_all_had_been_added_to_one(void **state)
{
	(void)state;
	histogram_reset(&histogram);
	histogram_reset(&other);
	for (uint64_t i = 0; i < 1000; i++)
		histogram_add(i % 3 == 0 ? &histogram : &other, i * i);
	histogram_merge(&histogram, &other);
	histogram_reset(&other);
	for (uint64_t i = 0; i < 1000; i++)
		histogram_add(&other, i * i);
	assert_memory_equal(&histogram, &other, sizeof(other));
	histogram_reset(&other);
	histogram_merge(&other, &histogram);
	assert_memory_equal(&histogram, &other, sizeof(other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_of_even_values_are_those_counted_exactly),
		cmocka_unit_test(quantiles_of_values_of_every_size_are_those_counted_exactly),
		cmocka_unit_test(quantiles_of_a_long_tail_are_those_counted_exactly),
		cmocka_unit_test(small_values_are_kept_exactly),
		cmocka_unit_test(the_largest_value_there_is_has_a_bucket),
		cmocka_unit_test(no_value_has_no_quantile),
		cmocka_unit_test(merging_is_as_if_all_had_been_added_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
