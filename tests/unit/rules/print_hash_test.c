#include "dataplane/rules/print_hash.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static struct print_key key;

static int key_make(void **state)
{
	uint64_t *word = (uint64_t *)(void *)&key;

	(void)state;
	for (size_t i = 0; i < sizeof(key) / sizeof(*word); i++)
		word[i] = text_key_mix(i + 1, UINT64_C(0x9e3779b97f4a7c15));
	return 0;
}

static void print_of(struct slice callee, struct slice caller, uint64_t out[PRINT_HALVES])
{
	struct print_hash hash;

	print_hash_begin(&hash, &key, callee.len | caller.len << 16);
	print_hash_text(&hash, PRINT_CALLEE_AT, callee, LIMIT_AOR_BYTES);
	print_hash_text(&hash, PRINT_CALLER_AT, caller, LIMIT_AOR_BYTES);
	print_hash_end(&hash, out);
}

/* The sum as it is defined, word by word. */
static void print_is_the_upper_half_of_a_sum_of_products(void **state)
{
	const struct slice text = SLICE("abcdefghijk");
	uint64_t got[PRINT_HALVES], words[2];

	(void)state;
	memcpy(&words[0], "abcdefgh", 8);
	memcpy(&words[1], "defghijk", 8);
	print_of(text, slice_make("", 0), got);
	for (unsigned i = 0; i < PRINT_HALVES; i++) {
		__uint128_t sum = key.start[i] + key.word[PRINT_FACTS_AT][i] * 11 +
				  key.word[PRINT_CALLEE_AT][i] * words[0] +
				  key.word[PRINT_CALLEE_AT + 1][i] * words[1];

		assert_true(got[i] == (uint64_t)(sum >> 64));
	}
}

/* Whatever its length: no byte is left out, none stands for another. */
static void every_byte_of_a_text_of_any_length_counts(void **state)
{
	char text[LIMIT_AOR_BYTES];
	uint64_t before[PRINT_HALVES], after[PRINT_HALVES];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t length = 1; length <= sizeof(text); length++) {
		struct slice all = slice_make(text, length);

		print_of(all, all, before);
		for (size_t i = 0; i < length; i++) {
			text[i] = 'y';
			print_of(all, SLICE("x"), after);
			assert_memory_not_equal(before, after, sizeof(before));
			print_of(all, all, after);
			for (unsigned half = 0; half < PRINT_HALVES; half++)
				assert_true(before[half] != after[half]);
			text[i] = 'x';
		}
	}
}

static void caller_and_callee_do_not_stand_for_each_other(void **state)
{
	uint64_t one[PRINT_HALVES], other[PRINT_HALVES];

	(void)state;
	print_of(SLICE("user-a@abc.com"), SLICE("user-b@abc.com"), one);
	print_of(SLICE("user-b@abc.com"), SLICE("user-a@abc.com"), other);
	assert_memory_not_equal(one, other, sizeof(one));
	print_of(SLICE("user-a"), SLICE(""), one);
	print_of(SLICE(""), SLICE("user-a"), other);
	assert_memory_not_equal(one, other, sizeof(one));
}

/* No key is read that is not there. */
static void what_is_too_long_is_cut_off(void **state)
{
	static char text[2 * LIMIT_AOR_BYTES];
	struct print_hash one, other;
	uint64_t a[PRINT_HALVES], b[PRINT_HALVES];

	(void)state;
	memset(text, 'x', sizeof(text));
	print_hash_begin(&one, &key, 1);
	print_hash_text(&one, PRINT_METHOD_AT, slice_make(text, sizeof(text)),
			LIMIT_SIP_METHOD_BYTES);
	print_hash_end(&one, a);
	print_hash_begin(&other, &key, 1);
	print_hash_text(&other, PRINT_METHOD_AT, slice_make(text, LIMIT_SIP_METHOD_BYTES),
			LIMIT_SIP_METHOD_BYTES);
	print_hash_end(&other, b);
	assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_is_the_upper_half_of_a_sum_of_products),
		cmocka_unit_test(every_byte_of_a_text_of_any_length_counts),
		cmocka_unit_test(caller_and_callee_do_not_stand_for_each_other),
		cmocka_unit_test(what_is_too_long_is_cut_off),
	};

	return cmocka_run_group_tests(tests, key_make, NULL);
}
