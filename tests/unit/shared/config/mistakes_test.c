#include "shared/config/mistakes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

static void note(struct mistakes *mistakes, size_t line, size_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void note(struct mistakes *mistakes, size_t line, size_t column, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	mistakes_note(mistakes, line, column, format, arguments);
	va_end(arguments);
}

static void told_are(struct mistakes *mistakes, const char *source, const char *expected)
{
	char *told = NULL;
	size_t length = 0;
	FILE *report = open_memstream(&told, &length);

	mistakes_tell(mistakes, "f", source, strlen(source), report);
	fclose(report);
	assert_string_equal(told, expected);
	free(told);
}

static void places_are_told_in_order_with_their_lines(void **state)
{
	struct mistake kept[4];
	struct mistakes mistakes = {.at = kept, .capacity = 4};

	(void)state;
	note(&mistakes, 3, 2, "third");
	note(&mistakes, 1, 4, "second %d", 2);
	note(&mistakes, 1, 1, "first");
	told_are(&mistakes, "aaaa\nb\n\tc",
		 "f:1:1: first\n    aaaa\n    ^\n"
		 "f:1:4: second 2\n    aaaa\n       ^\n"
		 "f:3:2: third\n     c\n     ^\n");
}

static void more_than_can_be_kept_are_counted(void **state)
{
	struct mistake kept[1];
	struct mistakes mistakes = {.at = kept, .capacity = 1};

	(void)state;
	note(&mistakes, 1, 1, "first");
	note(&mistakes, 1, 1, "second");
	note(&mistakes, 1, 1, "third");
	told_are(&mistakes, "x", "f:1:1: first\n    x\n    ^\nf: and 2 more mistakes\n");
}

static void password_in_a_line_is_not_repeated(void **state)
{
	struct mistake kept[1];
	struct mistakes mistakes = {.at = kept, .capacity = 1};

	(void)state;
	note(&mistakes, 1, 1, "wrong");
	told_are(&mistakes, "p: host=a Password=secret",
		 "f:1:1: wrong\n    p: host=a Password=******\n    ^\n");
}

static void place_beyond_the_file_shows_no_line(void **state)
{
	struct mistake kept[1];
	struct mistakes mistakes = {.at = kept, .capacity = 1};

	(void)state;
	note(&mistakes, 9, 1, "lost");
	told_are(&mistakes, "x\n", "f:9:1: lost\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_told_in_order_with_their_lines),
		cmocka_unit_test(more_than_can_be_kept_are_counted),
		cmocka_unit_test(password_in_a_line_is_not_repeated),
		cmocka_unit_test(place_beyond_the_file_shows_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
