#include "tests/unit/shared/sip_check.h"

#include "shared/sip/words.h"

static void every_byte_counts_when_two_texts_are_compared(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 16; len++) {
		char a[16], b[16];

		memset(a, 'a', sizeof(a));
		memcpy(b, a, sizeof(b));
		assert_true(sip_is_same(a, b, len));
		for (size_t at = 0; at < sizeof(b); at++) {
			b[at] = 'b';
			assert_int_equal(sip_is_same(a, b, len), at >= len);
			b[at] = 'a';
		}
	}
}

static void a_number_is_what_its_digits_say(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
	} rows[] = {
		{"0", 0},
		{"7", 7},
		{"70", 70},
		{"281", 281},
		{"0012", 12},
		{"65535", 65535},
		{"123456", 123456},
		{"1234567", 1234567},
		{"12345678", 12345678},
		{"99999999", 99999999},
		{"00000000", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char line[32];
		size_t len = strlen(rows[i].text);
		uint32_t value = 1;

		/* What stands before it is no part of it, digits or not. */
		(void)snprintf(line, sizeof(line), "9Length:%s", rows[i].text);
		assert_true(sip_digits(line + 8 + len, len, &value));
		assert_int_equal(value, rows[i].value);
	}
}

static void two_bytes_are_a_number_if_they_are_digits(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			char text[2] = {(char)a, (char)b};
			bool are_digits = a >= '0' && a <= '9' && b >= '0' && b <= '9';
			uint32_t value;

			assert_int_equal(sip_two_digits(text, &value), are_digits);
			assert_true(!are_digits || value == (a - '0') * 10 + (b - '0'));
		}
	}
}

static void any_other_byte_is_no_digit(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		for (size_t at = 0; at < 8; at++) {
			char text[8];
			uint32_t value;

			memset(text, '9', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(sip_digits(text + 8, 8, &value), c >= '0' && c <= '9');
			assert_int_equal(sip_digits(text + 8, 8 - at, &value),
					 c >= '0' && c <= '9');
			if (at < 7)
				assert_true(sip_digits(text + 8, 7 - at, &value));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_counts_when_two_texts_are_compared),
		cmocka_unit_test(a_number_is_what_its_digits_say),
		cmocka_unit_test(two_bytes_are_a_number_if_they_are_digits),
		cmocka_unit_test(any_other_byte_is_no_digit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
