#include "shared/keyexchange/suites.h"

#include "tests/unit/shared/sip_check.h"

static void numbers_and_names_are_those_of_the_page(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		unsigned number;
		size_t key_bytes;
		unsigned icv, level;
	} rows[] = {
		{"aes-128-gcm-16", 1, 20, 16, 3},
		{"aes-256-gcm-16", 2, 36, 16, 3},
		{"aes-128-cbc-hmac-sha-256-128", 3, 48, 16, 3},
		{"aes-128-cbc-hmac-sha-1-96", 4, 36, 12, 3},
		{"null-hmac-sha-256-128", 5, 32, 16, 2},
		{"aes-256-cbc-hmac-sha-256-128", 6, 64, 16, 3},
		{"null-aes-128-gmac-16", 7, 20, 16, 2},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct suite_properties *s = suite_find_name(text_slice(rows[i].name));

		assert_non_null(s);
		assert_ptr_equal(s, suite_find(rows[i].number));
		assert_int_equal(s->suite, rows[i].number);
		assert_row(rows[i].name, suite_key_bytes(s) == rows[i].key_bytes);
		assert_row(rows[i].name, s->icv_bytes == rows[i].icv);
		assert_row(rows[i].name, s->level == rows[i].level);
	}
	assert_null(suite_find(0));
	assert_null(suite_find(8));
	assert_null(suite_find_name(SLICE("AES-128-GCM-16")));
}

static void a_list_keeps_its_order_and_leaves_out_the_unknown(void **state)
{
	(void)state;
	struct suite_list list;

	assert_int_equal(
		suite_list_parse(SLICE("aes-256-gcm-16,chacha20-poly1305,aes-128-gcm-16"), &list),
		RESULT_OK);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.suite[0], SUITE_AES_256_GCM_16);
	assert_int_equal(list.suite[1], SUITE_AES_128_GCM_16);
}

static void malformed_lists_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		",",
		"aes-128-gcm-16,",
		",aes-128-gcm-16",
		"aes-128-gcm-16,,aes-256-gcm-16",
		"aes-128-gcm-16,aes-128-gcm-16",
		"aes-128-gcm-16, aes-256-gcm-16",
		"AES-128-GCM-16",
		"aes_128",
	};
	struct suite_list list;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], suite_list_parse(text_slice(rows[i]), &list) == RESULT_BAD);
}

static void the_terminals_order_decides_among_the_allowed(void **state)
{
	(void)state;
	struct suite_list offered = {
		.suite = {SUITE_NULL_HMAC_SHA_256_128, SUITE_AES_256_GCM_16, SUITE_AES_128_GCM_16},
		.count = 3};
	struct suite_list allowed = {.suite = {SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16},
				     .count = 2};
	enum suite suite;

	assert_int_equal(suite_choose(&offered, &allowed, &suite), RESULT_OK);
	assert_int_equal(suite, SUITE_AES_256_GCM_16);
	offered.count = 1;
	assert_int_equal(suite_choose(&offered, &allowed, &suite), RESULT_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_names_are_those_of_the_page),
		cmocka_unit_test(a_list_keeps_its_order_and_leaves_out_the_unknown),
		cmocka_unit_test(malformed_lists_are_refused),
		cmocka_unit_test(the_terminals_order_decides_among_the_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
