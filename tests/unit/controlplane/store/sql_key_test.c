#include "tests/unit/controlplane/store/stored.h"

static bool keys_join(void *ctx, const struct store_key *key)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%u/%u:%llu-%llu:%.*s ", key->purpose, key->id,
		(unsigned long long)key->active_from_s, (unsigned long long)key->expires_s,
		(int)key->sealed_length, (const char *)key->sealed);
	return true;
}

static void keys_are_put_replaced_and_deleted(void **state)
{
	struct stored *s = *state;
	struct store_key key = {.purpose = 2, .id = 255, .active_from_s = 10, .expires_s = 20};
	char all[256] = "";

	key.sealed_length = 3;
	memcpy(key.sealed, "abc", 3);
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	key.id = 1;
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	key.expires_s = 30;
	memcpy(key.sealed, "xyz", 3);
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	assert_int_equal(store_keys_each(s->store, keys_join, all), RESULT_OK);
	assert_string_equal(all, "2/1:10-30:xyz 2/255:10-20:abc ");
	assert_int_equal(store_key_delete(s->store, 2, 255), RESULT_OK);
	assert_int_equal(store_key_delete(s->store, 2, 255), RESULT_NOT_FOUND);
}

static void key_without_bytes_is_refused(void **state)
{
	struct stored *s = *state;
	struct store_key key = {.purpose = 1};

	assert_int_equal(store_key_put(s->store, &key), RESULT_BAD);
	key.sealed_length = STORE_SEALED_BYTES + 1;
	assert_int_equal(store_key_put(s->store, &key), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(keys_are_put_replaced_and_deleted),
		STORED_TEST(key_without_bytes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
