#include "tests/unit/shared/sip_check.h"

#include "shared/sip/escape.h"

static void assert_spelled(const char *text, const char *want)
{
	char buffer[128];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice s = text_slice(text);
	size_t at = 0;

	while (at < s.len)
		sip_escape_write(sip_escape_next(s, &at), &w);
	assert_slice(slice_make(w.at, w.len), want);
}

static void an_escaped_unreserved_character_is_itself(void **state)
{
	(void)state;
	assert_spelled("%61lice", "alice");
	assert_spelled("%7E%2d", "~-");
	assert_spelled("a.b", "a.b");
}

static void an_escaped_reserved_character_stays_escaped(void **state)
{
	(void)state;
	assert_spelled("a%3ab%3B;:", "a%3Ab%3B;:");
	assert_spelled("%40@", "%40@");
}

static void what_cannot_stand_plainly_is_escaped_in_one_way(void **state)
{
	(void)state;
	assert_spelled("%00%20%25%e3", "%00%20%25%E3");
	assert_spelled("#1%23", "%231%23");
	assert_spelled("%2540", "%2540");
	assert_spelled("%254%30", "%2540");
}

static void an_escape_cut_short_reads_nothing_beyond_the_text(void **state)
{
	(void)state;
	assert_spelled("a%", "a%25");
	assert_spelled("a%4", "a%254");
	assert_spelled("a%g1", "a%25g1");
}

static void spellings_are_compared_unit_by_unit(void **state)
{
	(void)state;
	assert_true(sip_escape_is_equal(SLICE("%61b"), SLICE("ab"), true));
	assert_true(sip_escape_is_equal(SLICE("%3a"), SLICE("%3A"), true));
	assert_false(sip_escape_is_equal(SLICE("%3a"), SLICE(":"), true));
	assert_false(sip_escape_is_equal(SLICE("A"), SLICE("a"), true));
	assert_true(sip_escape_is_equal(SLICE("A%42"), SLICE("aB"), false));
	assert_false(sip_escape_is_equal(SLICE("ab"), SLICE("a"), true));
	assert_false(sip_escape_is_equal(SLICE("a"), SLICE("ab"), true));
	assert_true(sip_escape_is_equal(SLICE(""), SLICE(""), true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_escaped_unreserved_character_is_itself),
		cmocka_unit_test(an_escaped_reserved_character_stays_escaped),
		cmocka_unit_test(what_cannot_stand_plainly_is_escaped_in_one_way),
		cmocka_unit_test(an_escape_cut_short_reads_nothing_beyond_the_text),
		cmocka_unit_test(spellings_are_compared_unit_by_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
