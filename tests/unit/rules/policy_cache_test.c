#include "dataplane/rules/policy_cache.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static struct policy_cache *made(size_t entries)
{
	struct policy_cache *cache = NULL;

	assert_int_equal(policy_cache_create(entries, &cache), RESULT_OK);
	return cache;
}

static struct policy_hits hits_of(uint32_t rule)
{
	return (struct policy_hits){.rule = {rule}, .count = 1, .is_whole = true};
}

/* Of one set of the smallest cache, whatever n. */
static struct policy_print print_of(uint64_t n)
{
	return (struct policy_print){{n << 32, n * 3}, n << 8, n};
}

static void keep(struct policy_cache *cache, uint64_t n, uint64_t serial, uint32_t rule)
{
	struct policy_hits hits = hits_of(rule);
	struct policy_print print = print_of(n);

	policy_cache_keep(cache, &print, serial, &hits);
}

/* The rule that is remembered; 0: none. */
static uint32_t found(struct policy_cache *cache, uint64_t n, uint64_t serial)
{
	struct policy_print print = print_of(n);
	struct policy_hits hits;

	policy_cache_ahead(cache, print.place);
	if (!policy_cache_find(cache, &print, serial, &hits))
		return 0;
	assert_int_equal(hits.count, 1);
	assert_true(hits.is_whole);
	return hits.rule[0];
}

static void what_was_kept_is_found_by_all_of_its_print(void **state)
{
	struct policy_cache *cache = made(16);
	struct policy_print first = {{5, 9}, 2, 3}, other_first = {{6, 9}, 2, 3},
			    other_second = {{5, 8}, 2, 3}, other_record = {{5, 9}, 3, 3};
	struct policy_hits hits = hits_of(7), got;

	(void)state;
	assert_false(policy_cache_find(cache, &first, 1, &got));
	policy_cache_keep(cache, &first, 1, &hits);
	assert_true(policy_cache_find(cache, &first, 1, &got));
	assert_int_equal(got.count, 1);
	assert_int_equal(got.rule[0], 7);
	assert_false(policy_cache_find(cache, &other_first, 1, &got));
	assert_false(policy_cache_find(cache, &other_second, 1, &got));
	assert_false(policy_cache_find(cache, &other_record, 1, &got));
	policy_cache_destroy(cache);
}

static void an_empty_place_is_no_finding_even_for_a_print_of_zeros(void **state)
{
	struct policy_cache *cache = made(2);

	(void)state;
	assert_int_equal(found(cache, 0, 1), 0);
	policy_cache_destroy(cache);
}

static void another_policy_finds_nothing_and_takes_the_place(void **state)
{
	struct policy_cache *cache = made(2);

	(void)state;
	keep(cache, 1, 1, 7);
	keep(cache, 2, 1, 8);
	assert_int_equal(found(cache, 1, 2), 0);
	keep(cache, 1, 2, 9);
	keep(cache, 2, 2, 10);
	assert_int_equal(found(cache, 1, 2), 9);
	assert_int_equal(found(cache, 2, 2), 10);
	assert_int_equal(found(cache, 1, 1), 0);
	policy_cache_destroy(cache);
}

static void too_many_of_one_set_push_each_other_out(void **state)
{
	struct policy_cache *cache = made(2);
	unsigned left = 0;

	(void)state;
	for (uint32_t i = 1; i <= 26; i++) {
		keep(cache, i, 1, i);
		assert_int_equal(found(cache, i, 1), i);
	}
	for (uint32_t i = 1; i <= 26; i++)
		left += found(cache, i, 1) != 0;
	assert_int_equal(left, 2);
	policy_cache_destroy(cache);
}

static void all_rules_of_a_finding_are_kept_and_one_that_is_not_whole_is_not(void **state)
{
	struct policy_cache *cache = made(16);
	struct policy_hits partial = {.count = 1}, full = {.count = POLICY_HITS, .is_whole = true};
	struct policy_print print = print_of(1);
	struct policy_hits got;

	(void)state;
	policy_cache_keep(cache, &print, 1, &partial);
	assert_false(policy_cache_find(cache, &print, 1, &got));
	for (uint32_t i = 0; i < POLICY_HITS; i++)
		full.rule[i] = i + 100;
	policy_cache_keep(cache, &print, 1, &full);
	assert_true(policy_cache_find(cache, &print, 1, &got));
	assert_int_equal(got.count, POLICY_HITS);
	assert_memory_equal(got.rule, full.rule, sizeof(full.rule));
	policy_cache_destroy(cache);
}

static void lowest_hits_are_kept_in_order(void **state)
{
	struct policy_hits hits = {.is_whole = true};

	(void)state;
	for (uint32_t i = 0; i < POLICY_HITS; i++)
		policy_hits_add(&hits, 100 - i * 2);
	assert_true(hits.is_whole);
	policy_hits_add(&hits, 99);
	policy_hits_add(&hits, 3);
	policy_hits_add(&hits, 500);
	assert_false(hits.is_whole);
	assert_int_equal(hits.count, POLICY_HITS);
	assert_int_equal(hits.rule[0], 3);
	for (uint32_t i = 1; i < POLICY_HITS; i++)
		assert_true(hits.rule[i] > hits.rule[i - 1]);
	assert_true(hits.rule[POLICY_HITS - 1] < 99);
}

static void odd_sizes_are_refused(void **state)
{
	struct policy_cache *cache = NULL;

	(void)state;
	assert_int_equal(policy_cache_create(1, &cache), RESULT_BAD);
	assert_int_equal(policy_cache_create(24, &cache), RESULT_BAD);
	policy_cache_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_found_by_all_of_its_print),
		cmocka_unit_test(an_empty_place_is_no_finding_even_for_a_print_of_zeros),
		cmocka_unit_test(another_policy_finds_nothing_and_takes_the_place),
		cmocka_unit_test(too_many_of_one_set_push_each_other_out),
		cmocka_unit_test(all_rules_of_a_finding_are_kept_and_one_that_is_not_whole_is_not),
		cmocka_unit_test(lowest_hits_are_kept_in_order),
		cmocka_unit_test(odd_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
