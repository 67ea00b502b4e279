#include "shared/keyexchange/statement.h"

#include "tests/unit/shared/sip_check.h"

static void fill(uint8_t bytes[KDF_HASH_BYTES], uint8_t value)
{
	memset(bytes, value, KDF_HASH_BYTES);
}

static void a_gateway_signs_its_label_a_zero_and_s12(void **state)
{
	(void)state;
	uint8_t s12[KDF_HASH_BYTES];
	struct statement s;

	fill(s12, 'x');
	s = statement_of_gateway(s12);
	assert_int_equal(s.len, 26 + 32);
	assert_memory_equal(s.bytes, "sekisho gateway signature", 26);
	assert_memory_equal(s.bytes + 26, s12, 32);
}

static void a_terminal_signs_its_label_h12_its_certificate_and_its_spi(void **state)
{
	(void)state;
	uint8_t h12[KDF_HASH_BYTES], hash[KDF_HASH_BYTES];
	struct statement s;

	fill(h12, 'x');
	fill(hash, 'y');
	s = statement_of_terminal(h12, hash, 0x01020304);
	assert_int_equal(s.len, 27 + 32 + 32 + 4);
	assert_memory_equal(s.bytes, "sekisho terminal signature", 27);
	assert_memory_equal(s.bytes + 27, h12, 32);
	assert_memory_equal(s.bytes + 59, hash, 32);
	assert_memory_equal(s.bytes + 91, "\1\2\3\4", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_signs_its_label_a_zero_and_s12),
		cmocka_unit_test(a_terminal_signs_its_label_h12_its_certificate_and_its_spi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
