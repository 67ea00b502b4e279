#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/esp/suite.h"

static void lengths_of_suites_are_those_of_the_protocol(void **state)
{
	static const struct {
		unsigned number, keys, icv;
	} table[] = {
		{1, 20, 16}, {2, 36, 16}, {3, 48, 16}, {4, 36, 12},
		{5, 32, 16}, {6, 64, 16}, {7, 20, 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct esp_suite *suite = esp_suite_by_number(table[i].number);

		assert_non_null(suite);
		assert_int_equal(suite->key_bytes + suite->salt_bytes + suite->integrity_bytes,
				 table[i].keys);
		assert_int_equal(suite->icv_bytes, table[i].icv);
	}
	assert_null(esp_suite_by_number(0));
	assert_null(esp_suite_by_number(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_of_suites_are_those_of_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
