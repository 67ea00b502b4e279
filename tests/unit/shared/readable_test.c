/* shared/readable.c: nothing that is shown commands a terminal. */
#include "shared/readable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_made(const char *text, const char *kept, const char *wanted)
{
	char room[64];
	size_t len = strlen(text);

	assert_true(len < sizeof(room));
	memcpy(room, text, len + 1);
	readable_make(room, len, kept);
	assert_string_equal(room, wanted);
}

static void what_people_write_stays(void **state)
{
	(void)state;
	assert_made("", "", "");
	assert_made("user-a@abc.com", "", "user-a@abc.com");
	assert_made("関所 Grüße €", "", "関所 Grüße €");
	assert_made("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", "",
		    "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	assert_made("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

static void control_characters_are_not_shown(void **state)
{
	(void)state;
	assert_made("\x1b[2Jgone\x07\x7f", "", "?[2Jgone??");
	assert_made("a\nb\tc\rd", "", "a?b?c?d");
	assert_made("a\nb\tc\rd", "\n\t", "a\nb\tc?d");
}

static void the_control_characters_beyond_ascii_are_not_shown_either(void **state)
{
	(void)state;
	/* U+009B is "ESC [" in one */
	assert_made("\xc2\x9b"
		    "31mred",
		    "", "??31mred");
	assert_made("\xc2\x80\xc2\x9f", "", "????");
}

static void what_is_no_utf_8_is_not_shown(void **state)
{
	(void)state;
	assert_made("\x9b"
		    "31m",
		    "", "?31m");
	assert_made("\xff\xfe\xc0\xaf\xc1\xbf", "", "??????");	    /* never, overlong */
	assert_made("\xe0\x82\x9b\xf0\x80\x82\x9b", "", "???????"); /* U+009B, overlong */
	assert_made("\xed\xa0\x80\xf4\x90\x80\x80", "", "???????"); /* surrogate, too high */
	assert_made("\xe9\x96", "", "??");			    /* cut off */
	assert_made("\xe9\x96z\xe9z", "", "??z?z");		    /* and going on */
	assert_made("\xf5\x80\x80\x80", "", "????");
}

static void a_byte_of_zero_is_shown_as_a_mark(void **state)
{
	char text[] = {'a', 0, 'b'};

	(void)state;
	readable_make(text, sizeof(text), "\n");
	assert_memory_equal(text, "a?b", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_write_stays),
		cmocka_unit_test(control_characters_are_not_shown),
		cmocka_unit_test(the_control_characters_beyond_ascii_are_not_shown_either),
		cmocka_unit_test(what_is_no_utf_8_is_not_shown),
		cmocka_unit_test(a_byte_of_zero_is_shown_as_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
