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

static void keep(struct policy_cache *cache, uint64_t hash, uint64_t serial, const char *text,
		 uint32_t rule)
{
	struct policy_hits hits = hits_of(rule);

	policy_cache_keep(cache, hash, serial, slice_make(text, strlen(text)), &hits);
}

/* The rule that is remembered; 0: none. */
static uint32_t found(struct policy_cache *cache, uint64_t hash, uint64_t serial, const char *text)
{
	struct policy_hits hits;

	if (!policy_cache_find(cache, hash, serial, slice_make(text, strlen(text)), &hits))
		return 0;
	assert_int_equal(hits.count, 1);
	return hits.rule[0];
}

static void what_was_kept_is_found_by_all_of_its_text(void **state)
{
	struct policy_cache *cache = made(16);

	(void)state;
	assert_int_equal(found(cache, 3, 1, "abc"), 0);
	keep(cache, 3, 1, "abc", 7);
	assert_int_equal(found(cache, 3, 1, "abc"), 7);
	/* Of one hash, and still another text. */
	assert_int_equal(found(cache, 3, 1, "abd"), 0);
	assert_int_equal(found(cache, 3, 1, "ab"), 0);
	keep(cache, 3, 1, "abd", 8);
	assert_int_equal(found(cache, 3, 1, "abc"), 7);
	assert_int_equal(found(cache, 3, 1, "abd"), 8);
	policy_cache_destroy(cache);
}

static void another_policy_finds_nothing_and_takes_the_place(void **state)
{
	struct policy_cache *cache = made(2);

	(void)state;
	keep(cache, 0, 1, "abc", 7);
	keep(cache, 0, 1, "abd", 8);
	assert_int_equal(found(cache, 0, 2, "abc"), 0);
	keep(cache, 0, 2, "abc", 9);
	keep(cache, 0, 2, "abd", 10);
	assert_int_equal(found(cache, 0, 2, "abc"), 9);
	assert_int_equal(found(cache, 0, 2, "abd"), 10);
	policy_cache_destroy(cache);
}

static void too_many_of_one_set_push_each_other_out(void **state)
{
	struct policy_cache *cache = made(2);
	unsigned left = 0;
	char text[2] = "a";

	(void)state;
	for (uint32_t i = 0; i < 26; i++) {
		text[0] = (char)('a' + i);
		keep(cache, 0, 1, text, i + 1);
		assert_int_equal(found(cache, 0, 1, text), i + 1);
	}
	for (uint32_t i = 0; i < 26; i++) {
		text[0] = (char)('a' + i);
		left += found(cache, 0, 1, text) != 0;
	}
	assert_int_equal(left, 2);
	policy_cache_destroy(cache);
}

static void long_texts_and_findings_that_are_not_whole_are_not_kept(void **state)
{
	struct policy_cache *cache = made(16);
	struct policy_hits partial = {.count = 1};
	char text[600];

	(void)state;
	policy_cache_keep(cache, 1, 1, SLICE("abc"), &partial);
	assert_int_equal(found(cache, 1, 1, "abc"), 0);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	keep(cache, 1, 1, text, 3);
	assert_int_equal(found(cache, 1, 1, text), 0);
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
		cmocka_unit_test(what_was_kept_is_found_by_all_of_its_text),
		cmocka_unit_test(another_policy_finds_nothing_and_takes_the_place),
		cmocka_unit_test(too_many_of_one_set_push_each_other_out),
		cmocka_unit_test(long_texts_and_findings_that_are_not_whole_are_not_kept),
		cmocka_unit_test(lowest_hits_are_kept_in_order),
		cmocka_unit_test(odd_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
