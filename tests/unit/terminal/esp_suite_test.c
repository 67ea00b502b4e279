#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/esp/suite.h"

static void lengths_of_suites_are_those_of_the_protocol(void **state)
{
	static const struct {
		const char *name;
		unsigned number, keys, icv, level;
	} table[] = {
		{"aes-128-gcm-16", 1, 20, 16, 3},
		{"aes-256-gcm-16", 2, 36, 16, 3},
		{"aes-128-cbc-hmac-sha-256-128", 3, 48, 16, 3},
		{"aes-128-cbc-hmac-sha-1-96", 4, 36, 12, 3},
		{"null-hmac-sha-256-128", 5, 32, 16, 2},
		{"aes-256-cbc-hmac-sha-256-128", 6, 64, 16, 3},
		{"null-aes-128-gmac-16", 7, 20, 16, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct esp_suite *suite = esp_suite_by_number(table[i].number);

		assert_non_null(suite);
		assert_ptr_equal(
			suite, esp_suite_by_name(slice_make(table[i].name, strlen(table[i].name))));
		assert_int_equal(esp_suite_keys_bytes(suite), table[i].keys);
		assert_int_equal(suite->icv_bytes, table[i].icv);
		assert_int_equal(suite->level, table[i].level);
	}
	assert_null(esp_suite_by_number(0));
	assert_null(esp_suite_by_number(8));
	assert_null(esp_suite_by_name(SLICE("aes-128-gcm-1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_of_suites_are_those_of_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
