/* The Internet checksum against the sum word by word. */
#include "dataplane/esp/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint16_t word_by_word(const uint8_t *at, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? (uint64_t)at[i] << 8 : at[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void every_length_sums_as_word_by_word(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (size_t len = 0; len < 3000; len += len < 200 ? 1 : 97) {
		uint8_t *bytes = malloc(len == 0 ? 1 : len); /* nothing behind them */

		assert_non_null(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)rand_r(&seed);
		assert_int_equal(checksum_finish(checksum_add(bytes, len)),
				 word_by_word(bytes, len));
		assert_int_equal(checksum_finish(checksum_add_narrow(bytes, len)),
				 word_by_word(bytes, len));
		free(bytes);
	}
}

static void the_largest_sums_do_not_overflow(void **state)
{
	static uint8_t bytes[65535];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(checksum_finish(checksum_add(bytes, sizeof(bytes)) + 3 * 0xffffu),
			 word_by_word(bytes, sizeof(bytes)));
	assert_int_equal(checksum_finish(checksum_add_narrow(bytes, sizeof(bytes)) + 3 * 0xffffu),
			 word_by_word(bytes, sizeof(bytes)));
	assert_int_equal(checksum_finish(0), 0xffff);
	assert_int_equal(checksum_finish(UINT64_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_sums_as_word_by_word),
		cmocka_unit_test(the_largest_sums_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
