#include "controlplane/policy/pattern.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

static void usual_patterns_are_taken(void **state)
{
	static const char *const good[] = {
		"emergency-.*@abc\\.com", "^user-[0-9]+@abc\\.com$", "(?i)x-(?:a|b)", "(a|b)*c?",
		"[]x]+", "[^@]*@.*", "a{3}b{2,}c{1,64}", "tel:\\+81.*", "a\\$", ".*", "|a",
	};
	struct pattern_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(pattern_check(good[i], &fault), RESULT_OK);
}

static void bad_patterns_are_refused_where_they_are_bad(void **state)
{
	static const struct {
		const char *pattern;
		size_t position;
		const char *reason;
	} row[] = {
		{"", 0, "empty"},
		{"^$", 0, "empty"},
		{"a(b", 1, "no end"},
		{"ab)c", 2, "never opened"},
		{"a)|(?:b", 1, "never opened"},
		{"ab[c", 2, "no end"},
		{"a\\", 1, "backslash"},
		{"a\\1", 1, "\\1"},
		{"\\Qa", 0, "\\Q"},
		{"\\x02", 0, "\\x"},
		{"a^b", 1, "beginning"},
		{"a$b", 1, "end"},
		{"*a", 0, "before the repeat"},
		{"a|*", 2, "before the repeat"},
		{"a**", 2, "repeat of a repeat"},
		{"a{65}", 1, "64"},
		{"a{1,99999999999}", 1, "64"},
		{"a{x}", 1, "{n,m}"},
		{"(?=a)b", 0, "(?"},
		{"(?#x)b", 0, "(?"},
		{"(?x)b", 0, "(?"},
		{"(*UTF8)b", 0, "(?"},
		{"a\tb", 1, "printable"},
		{"\xc3\xa4", 0, "printable"},
		{"[b-a]x", 0, ""},
	};
	struct pattern_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memset(&fault, 0, sizeof(fault));
		assert_int_equal(pattern_check(row[i].pattern, &fault), RESULT_BAD);
		if (row[i].reason[0] != '\0')
			assert_int_equal(fault.position, row[i].position);
		assert_non_null(strstr(fault.reason, row[i].reason));
		assert_true(strlen(fault.reason) > 0);
	}
}

static void patterns_too_long_deep_or_repeated_are_refused(void **state)
{
	char longest[PATTERN_BYTES + 2], deep[64] = "";
	struct pattern_fault fault;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[PATTERN_BYTES + 1] = '\0';
	assert_int_equal(pattern_check(longest, &fault), RESULT_BAD);
	longest[PATTERN_BYTES] = '\0';
	assert_int_equal(pattern_check(longest, &fault), RESULT_OK);
	for (int i = 0; i < PATTERN_DEPTH + 1; i++)
		strcat(deep, "(");
	strcat(deep, "a");
	for (int i = 0; i < PATTERN_DEPTH + 1; i++)
		strcat(deep, ")");
	assert_int_equal(pattern_check(deep, &fault), RESULT_BAD);
	assert_int_equal(pattern_check("((a{64}){8})", &fault), RESULT_OK);
	assert_int_equal(pattern_check("((a{64}){9})", &fault), RESULT_BAD);
	assert_int_equal(pattern_check("((((a{64}){64}){64}){64})", &fault), RESULT_BAD);
	assert_int_equal(pattern_check("a{64}b{64}c{64}d{64}e{64}f{64}g{64}h{64}i", &fault),
			 RESULT_BAD);
}

/* What the bounds let through the event loop waits for. */
static void worst_patterns_that_are_taken_compile_in_a_moment(void **state)
{
	static const char *const worst[] = {
		".*a.{60}b.{60}.*c.{60}.*d.{60}",
		"(?:a|b|c|.)*x(?:(?:a|b).{30}){8}",
		"(?:(?:[a-z]{1,8}\\.){1,8}){7}@.*",
		"(?:.*a.*b.*c.*d){8}.*",
		"[ab]*a[ab]{64}[ab]{64}[ab]{64}[ab]{64}[ab]{64}[ab]{64}[ab]{64}",
	};
	struct pattern_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		clock_t begin = clock();

		enum result result = pattern_check(worst[i], &fault);

		print_message("%s: %s after %ld ms\n", worst[i],
			      result == RESULT_OK ? "taken" : fault.reason,
			      (clock() - begin) * 1000 / CLOCKS_PER_SEC);
		assert_true((clock() - begin) / CLOCKS_PER_SEC < 2);
	}
}

static void signatures_stand_anywhere_and_are_never_empty(void **state)
{
	struct pattern_fault fault;

	(void)state;
	assert_int_equal(pattern_check_screen("friendly-scanner", &fault), RESULT_OK);
	assert_int_equal(pattern_check_screen("^INVITE", &fault), RESULT_BAD);
	assert_int_equal(pattern_check_screen("x$", &fault), RESULT_BAD);
	assert_int_equal(pattern_check_screen("x*", &fault), RESULT_BAD);
	assert_int_equal(pattern_check_screen("", &fault), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_patterns_are_taken),
		cmocka_unit_test(bad_patterns_are_refused_where_they_are_bad),
		cmocka_unit_test(patterns_too_long_deep_or_repeated_are_refused),
		cmocka_unit_test(worst_patterns_that_are_taken_compile_in_a_moment),
		cmocka_unit_test(signatures_stand_anywhere_and_are_never_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
