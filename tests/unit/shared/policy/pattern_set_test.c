#include "shared/pattern/pattern_set.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/expressions.h"

static char *bytes_make(size_t *length)
{
	struct expressions expressions = {0};
	char *bytes = NULL, reason[160];
	uint32_t place;

	assert_int_equal(expressions_add(&expressions, "abc", 7), RESULT_OK);
	assert_int_equal(expressions_add(&expressions, "b+c", 9), RESULT_OK);
	assert_int_equal(expressions_compile(&expressions, &bytes, length, &place, reason,
					     sizeof(reason)),
			 RESULT_OK);
	expressions_free(&expressions);
	return bytes;
}

struct found {
	unsigned count;
	uint32_t sum;
	bool more;
};

static bool found_note(void *context, uint32_t pattern)
{
	struct found *found = context;

	found->count++;
	found->sum += pattern;
	return found->more;
}

static void what_was_compiled_is_found_under_its_number(void **state)
{
	struct found found = {.more = true};
	struct pattern_set *set = NULL;
	size_t length;
	char *bytes = bytes_make(&length);

	(void)state;
	assert_int_equal(pattern_set_read(bytes, length, 2, &set), RESULT_OK);
	assert_true(pattern_set_bytes(set) > 0 && pattern_set_scratch_bytes(set) > 0);
	assert_true(pattern_set_scan(set, 1, SLICE("xabcabcx"), found_note, &found));
	assert_int_equal(found.count, 2);
	assert_int_equal(found.sum, 16);
	assert_true(pattern_set_scan(set, 0, SLICE("xbbcx"), found_note, &found));
	assert_int_equal(found.sum, 25);
	assert_true(pattern_set_scan(set, 0, SLICE("nothing"), found_note, &found));
	assert_int_equal(found.count, 3);
	assert_false(pattern_set_scan(set, 2, SLICE("abc"), found_note, &found));
	pattern_set_destroy(set);
	free(bytes);
}

static void who_has_enough_is_asked_no_more(void **state)
{
	struct found found = {.more = false};
	struct pattern_set *set = NULL;
	size_t length;
	char *bytes = bytes_make(&length);

	(void)state;
	assert_int_equal(pattern_set_read(bytes, length, 1, &set), RESULT_OK);
	assert_true(pattern_set_scan(set, 0, SLICE("abc"), found_note, &found));
	assert_int_equal(found.count, 1);
	pattern_set_destroy(set);
	free(bytes);
}

static void damaged_and_shortened_sets_are_refused(void **state)
{
	struct pattern_set *set = NULL;
	unsigned meaningless = 0;
	size_t length;
	char *bytes = bytes_make(&length);

	(void)state;
	for (size_t cut = 0; cut < length; cut++) {
		char *copy = malloc(cut + 1);

		memcpy(copy, bytes, cut);
		assert_int_equal(pattern_set_read(copy, cut, 1, &set), RESULT_BAD);
		free(copy);
	}
	for (size_t at = 0; at < length; at++) {
		bytes[at] = (char)(bytes[at] ^ 0x10);
		/* Some bits mean nothing, and then the set is what it was; the rest is under a
		 * checksum. */
		if (pattern_set_read(bytes, length, 1, &set) == RESULT_OK) {
			struct found found = {.more = true};

			assert_true(pattern_set_scan(set, 0, SLICE("xabcabcx"), found_note, &found));
			assert_int_equal(found.sum, 16);
			pattern_set_destroy(set);
			set = NULL;
			meaningless++;
		}
		bytes[at] = (char)(bytes[at] ^ 0x10);
	}
	print_message("%u of %zu bytes mean nothing\n", meaningless, length);
	assert_int_equal(pattern_set_read(bytes, length, 0, &set), RESULT_BAD);
	assert_null(set);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_compiled_is_found_under_its_number),
		cmocka_unit_test(who_has_enough_is_asked_no_more),
		cmocka_unit_test(damaged_and_shortened_sets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
