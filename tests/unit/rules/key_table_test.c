#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/key_table.h"
#include "tests/unit/rules/gateway_kit.h"
#include "tests/unit/rules/kh_oracle.h"

static int kit_make(void **state)
{
	*state = gateway_kit_create("abc.com", "2001:6789::5060");
	return 0;
}

static int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

static void put(struct gateway_kit *kit, uint8_t id, uint64_t from_s, uint64_t to_s)
{
	struct contract_key key = {.purpose = CONTRACT_KEY_SK,
				   .id = id,
				   .active_from_s = from_s,
				   .expires_s = to_s,
				   .key = {id}};

	assert_int_equal(key_table_put(&kit->keys, &key), RESULT_OK);
}

static int maker(const struct gateway_kit *kit, uint64_t now_s)
{
	const struct rotating_key *key =
		rotating_keys_maker(&key_table_view(&kit->keys)->sk, now_s);

	return key ? key->id : -1;
}

static bool is_verified(const struct gateway_kit *kit, uint8_t id, uint64_t now_s)
{
	return rotating_keys_verifier(&key_table_view(&kit->keys)->sk, id, now_s) != NULL;
}

static void newest_active_key_makes_and_all_unexpired_verify(void **state)
{
	struct gateway_kit *kit = *state;

	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 1), RESULT_OK);
	put(kit, 10, 1000, 3000);
	put(kit, 11, 2000, 4000);
	assert_int_equal(maker(kit, 999), -1);
	assert_int_equal(maker(kit, 1000), 10);
	assert_int_equal(maker(kit, 1999), 10);
	assert_int_equal(maker(kit, 2000), 11);
	assert_int_equal(maker(kit, 3999), 11);
	assert_int_equal(maker(kit, 4000), -1);
	assert_true(is_verified(kit, 10, 2999));
	assert_false(is_verified(kit, 10, 3000));
	assert_true(is_verified(kit, 11, 3000));
	assert_false(is_verified(kit, 12, 1000));
}

static void order_of_putting_does_not_matter(void **state)
{
	struct gateway_kit *kit = *state;

	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 1), RESULT_OK);
	put(kit, 3, 3000, 0);
	put(kit, 1, 1000, 0);
	put(kit, 2, 2000, 0);
	assert_int_equal(maker(kit, 1500), 1);
	assert_int_equal(maker(kit, 2500), 2);
	assert_int_equal(maker(kit, 3500), 3);
	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 3), RESULT_OK);
	assert_int_equal(maker(kit, 3500), 2);
	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 3), RESULT_NOT_FOUND);
}

static void purposes_are_apart_and_others_refused(void **state)
{
	struct contract_key key = {.purpose = 9};
	struct gateway_kit *kit = *state;

	put(kit, 77, 1, 0);
	assert_null(key_table_view(&kit->keys)->token.by_id[77]);
	assert_int_equal(key_table_put(&kit->keys, &key), RESULT_BAD);
	assert_int_equal(key_table_delete(&kit->keys, 9, 77), RESULT_BAD);
}

static void hash_once(const struct keyed_hash_key *key, uint8_t out[16])
{
	struct keyed_hash hash;

	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, SLICE("what is hashed"));
	keyed_hash_end(&hash, out, 16);
}

static void persistent_secret_is_expanded_by_hkdf(void **state)
{
	struct contract_key key = {.purpose = CONTRACT_KEY_PERSISTENT, .key = {1, 2, 3}};
	uint8_t secret[32], expected[16], have[16];
	struct keyed_hash_key *oracle = aligned_alloc(64, (sizeof(*oracle) + 63) & ~(size_t)63);
	struct gateway_kit *kit = *state;

	assert_int_equal(key_table_put(&kit->keys, &key), RESULT_OK);
	kh_expand(key.key, "sekisho branch", secret);
	keyed_hash_key_set(oracle, kit->mb, secret);
	hash_once(oracle, expected);
	hash_once(key_table_view(&kit->keys)->branch, have);
	assert_memory_equal(have, expected, 16);
	kh_expand(key.key, "sekisho to-tag", secret);
	keyed_hash_key_set(oracle, kit->mb, secret);
	hash_once(oracle, expected);
	hash_once(key_table_view(&kit->keys)->to_tag, have);
	assert_memory_equal(have, expected, 16);
	free(oracle);
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(newest_active_key_makes_and_all_unexpired_verify),
		KIT_TEST(order_of_putting_does_not_matter),
		KIT_TEST(purposes_are_apart_and_others_refused),
		KIT_TEST(persistent_secret_is_expanded_by_hkdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
