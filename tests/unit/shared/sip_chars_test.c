#include "tests/unit/shared/sip_check.h"

#include "shared/sip/chars.h"

#define ALNUM "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MARK  "-_.!~*'()"

/* The classes as RFC 3261 25.1 spells them; what we let pass beyond it stands behind the space. */
static const struct {
	unsigned class;
	const char *members;
} classes[] = {
	{SIP_CHAR_TOKEN, ALNUM "-.!%*_+`'~"},
	{SIP_CHAR_LWS, " \t\r\n"},
	{SIP_CHAR_DIGIT, "0123456789"},
	{SIP_CHAR_HEX, "0123456789abcdefABCDEF"},
	{SIP_CHAR_UNRESERVED, ALNUM MARK},
	{SIP_CHAR_USER, ALNUM MARK "&=+$,;?/"
				   "#"},
	{SIP_CHAR_PASSWORD, ALNUM MARK "&=+$,"},
	{SIP_CHAR_URI_PARAM, ALNUM MARK "[]/:&+$"},
	{SIP_CHAR_URI_HEADER, ALNUM MARK "[]/?:+$"},
	{SIP_CHAR_URI, ALNUM MARK ";/?:@&=+$,"},
	{SIP_CHAR_HOST, ALNUM "-."
			      "_"},
	{SIP_CHAR_PHONE, "0123456789abcdefABCDEF*#-.()"},
};

static void each_class_has_its_members_and_no_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(classes); i++)
		for (int c = 1; c < 256; c++)
			if (sip_char_is((char)c, classes[i].class) !=
			    (strchr(classes[i].members, c) != NULL))
				fail_msg("byte 0x%02x in class %zu", (unsigned)c, i);
	assert_int_equal(sip_chars[0], 0);
}

static void a_value_stops_where_the_next_thing_may_start(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		bool stops = c <= ' ' || c == 0x7f || strchr(";,\"<>\\", c) != NULL;

		assert_int_equal(sip_char_is((char)c, SIP_CHAR_VALUE), !stops);
	}
}

static void only_ascii_letters_have_a_lower_case(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		int want = c >= 'A' && c <= 'Z' ? c + 32 : c;

		assert_int_equal((unsigned char)sip_char_lower((char)c), want);
	}
}

static void a_quoted_pair_hides_the_quote(void **state)
{
	static const struct {
		const char *text;
		int past; /* -1: never closes */
	} rows[] = {
		{"\"\"", 2},	  {"\"a\"b", 3},      {"\"a\\\"b\" c", 6},
		{"\"\\\\\"x", 4}, {"\"a, <b>;\"", 9}, {"\"", -1},
		{"\"abc", -1},	  {"\"abc\\\"", -1},  {"\"abc\\", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice s = text_slice(rows[i].text);
		const char *past = sip_quoted_skip(s.at, s.at + s.len);

		assert_row(rows[i].text, (past == NULL ? -1 : past - s.at) == rows[i].past);
	}
}

static void numbers_are_read_to_their_last_digit(void **state)
{
	uint32_t value = 0;

	(void)state;
	assert_true(sip_number_parse(SLICE("0"), 0, &value));
	assert_int_equal(value, 0);
	assert_true(sip_number_parse(SLICE("0000000000000000000000000070"), 255, &value));
	assert_int_equal(value, 70);
	assert_true(sip_number_parse(SLICE("4294967295"), UINT32_MAX, &value));
	assert_int_equal(value, UINT32_MAX);
	assert_false(sip_number_parse(SLICE("4294967296"), UINT32_MAX, &value));
	assert_false(sip_number_parse(SLICE("18446744073709551617"), UINT32_MAX, &value));
	assert_false(sip_number_parse(SLICE("256"), 255, &value));
	assert_false(sip_number_parse(SLICE(""), 255, &value));
	assert_false(sip_number_parse(SLICE("-1"), 255, &value));
	assert_false(sip_number_parse(SLICE("1 "), 255, &value));
	assert_false(sip_number_parse(SLICE("0x1"), 255, &value));
	assert_int_equal(value, UINT32_MAX);
}

static void trimming_takes_folds_too(void **state)
{
	(void)state;
	assert_slice(sip_slice_trim(SLICE("\r\n  a b\t\r\n ")), "a b");
	assert_slice(sip_slice_trim(SLICE(" \t ")), "");
	assert_slice(sip_slice_trim(SLICE("")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_has_its_members_and_no_others),
		cmocka_unit_test(a_value_stops_where_the_next_thing_may_start),
		cmocka_unit_test(only_ascii_letters_have_a_lower_case),
		cmocka_unit_test(a_quoted_pair_hides_the_quote),
		cmocka_unit_test(numbers_are_read_to_their_last_digit),
		cmocka_unit_test(trimming_takes_folds_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
