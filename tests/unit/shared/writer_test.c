#include "tests/unit/shared/sip_check.h"

#include "shared/writer.h"

static void everything_written_stands_in_order(void **state)
{
	char buffer[64];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice out;

	(void)state;
	WRITER_LITERAL(&w, "a=");
	writer_u32(&w, 0);
	writer_char(&w, ' ');
	writer_u32(&w, UINT32_MAX);
	writer_char(&w, ' ');
	writer_u64(&w, UINT64_MAX);
	writer_char(&w, ' ');
	writer_hex(&w, "\x00\xab\xff", 3);
	writer_slice(&w, SLICE("."));
	assert_int_equal(writer_finish(&w, &out), RESULT_OK);
	assert_slice(out, "a=0 4294967295 18446744073709551615 00abff.");
}

static void number_check(uint64_t value)
{
	char buffer[32], expected[32];
	struct writer w = writer_make(buffer, sizeof(buffer));
	int length = snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);

	writer_u64(&w, value);
	assert_int_equal(w.len, length);
	assert_memory_equal(buffer, expected, w.len);
	w = writer_make(buffer, (size_t)length - 1);
	writer_u64(&w, value);
	assert_true(w.is_full);
}

/* Of every number of digits: the least, the greatest and some between; and all of up to five. */
static void numbers_are_written_as_printf_writes_them(void **state)
{
	uint64_t any = 0x9e3779b97f4a7c15u;

	(void)state;
	for (uint64_t value = 0; value < 100000; value++)
		number_check(value);
	for (uint64_t power = 1; power != 0; power = power > UINT64_MAX / 10 ? 0 : power * 10) {
		number_check(power - 1);
		number_check(power);
		number_check(power + 1);
	}
	for (unsigned i = 0; i < 10000; i++, any *= 0xda942042e4dd58b5u)
		number_check(any >> i % 64);
	number_check(UINT64_MAX);
}

static void what_fits_exactly_fits(void **state)
{
	char buffer[4];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice out;

	(void)state;
	writer_hex(&w, "\x12\x34", 2);
	writer_bytes(&w, "", 0);
	assert_int_equal(writer_finish(&w, &out), RESULT_OK);
	assert_slice(out, "1234");
}

static void an_overflow_sticks_and_writes_nothing(void **state)
{
	char buffer[5] = "....";
	struct writer w = writer_make(buffer, 3);
	struct slice out;

	(void)state;
	WRITER_LITERAL(&w, "ab");
	writer_hex(&w, "\x01", 1);
	writer_char(&w, 'c');
	assert_int_equal(writer_finish(&w, &out), RESULT_SPACE);
	assert_int_equal(w.len, 2);
	assert_string_equal(buffer, "ab..");
}

static void a_length_near_the_end_of_memory_does_not_wrap(void **state)
{
	char buffer[8];
	struct writer w = writer_make(buffer, sizeof(buffer));

	(void)state;
	WRITER_LITERAL(&w, "abc");
	writer_bytes(&w, buffer, SIZE_MAX);
	assert_true(w.is_full);
	w = writer_make(buffer, sizeof(buffer));
	WRITER_LITERAL(&w, "abc");
	writer_hex(&w, buffer, SIZE_MAX / 2 + 1);
	assert_true(w.is_full);
	assert_int_equal(w.len, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_written_stands_in_order),
		cmocka_unit_test(numbers_are_written_as_printf_writes_them),
		cmocka_unit_test(what_fits_exactly_fits),
		cmocka_unit_test(an_overflow_sticks_and_writes_nothing),
		cmocka_unit_test(a_length_near_the_end_of_memory_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
