#include "controlplane/secrets/secrets.h"

#include <sqlite3.h>

#include "controlplane/secrets/vault.h"
#include "tests/unit/controlplane/store/stored.h"

#define HOUR 3600u
#define T0   1000000000u

/* What the data plane would hold: keys by purpose and id. */
struct pushed {
	struct stored *stored;
	char folder[128];
	struct secrets *secrets;
	struct contract_key key[4][256];
	bool has[4][256];
};

static void send_to_plane(void *ctx, const struct contract_key *key)
{
	struct pushed *pushed = ctx;

	assert_int_equal(contract_validate(key, sizeof(*key)), RESULT_OK);
	pushed->key[key->purpose][key->id] = *key;
	pushed->has[key->purpose][key->id] = key->header.id == CONTRACT_KEY_PUT;
}

static enum result opened(struct pushed *pushed, uint64_t now_s)
{
	char message[512];
	const struct secrets_settings settings = {
		.store = pushed->stored->store,
		.folder = pushed->folder,
		.persistent_file = "",
		.sk_s = 12 * HOUR,
		.sk_overlap_s = HOUR,
		.token_s = 48 * HOUR,
		.token_overlap_s = 24 * HOUR,
		.send = send_to_plane,
		.ctx = pushed,
	};

	return secrets_create(&settings, now_s, &pushed->secrets, message, sizeof(message));
}

static int pushed_make(void **state)
{
	struct pushed *pushed = calloc(1, sizeof(*pushed));

	stored_make((void **)&pushed->stored);
	snprintf(pushed->folder, sizeof(pushed->folder), "%s", pushed->stored->scratch.folder);
	assert_int_equal(opened(pushed, T0), RESULT_OK);
	*state = pushed;
	return 0;
}

static int pushed_remove(void **state)
{
	struct pushed *pushed = *state;

	secrets_destroy(pushed->secrets);
	stored_remove((void **)&pushed->stored);
	free(pushed);
	return 0;
}

static int keys_held(const struct pushed *pushed, int purpose)
{
	int count = 0;

	for (int id = 0; id < 256; id++)
		count += pushed->has[purpose][id];
	return count;
}

static void first_start_makes_one_key_of_each(void **state)
{
	struct pushed *pushed = *state;

	secrets_refill(pushed->secrets);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_PERSISTENT), 1);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_TOKEN), 1);
	assert_int_equal(pushed->key[CONTRACT_KEY_SK][1].active_from_s, T0);
	assert_int_equal(pushed->key[CONTRACT_KEY_SK][1].expires_s, 0);
	assert_memory_equal(pushed->key[CONTRACT_KEY_PERSISTENT][0].key,
			    secrets_persistent(pushed->secrets), 32);
	assert_memory_not_equal(pushed->key[CONTRACT_KEY_SK][1].key,
				pushed->key[CONTRACT_KEY_TOKEN][1].key, 32);
}

static void keys_survive_a_restart(void **state)
{
	struct pushed *pushed = *state;
	uint8_t persistent[32], sk[32];

	secrets_refill(pushed->secrets);
	memcpy(persistent, secrets_persistent(pushed->secrets), 32);
	memcpy(sk, pushed->key[CONTRACT_KEY_SK][1].key, 32);
	secrets_destroy(pushed->secrets);
	memset(pushed->has, 0, sizeof(pushed->has));
	assert_int_equal(opened(pushed, T0 + 60), RESULT_OK);
	secrets_refill(pushed->secrets);
	assert_memory_equal(persistent, secrets_persistent(pushed->secrets), 32);
	assert_memory_equal(sk, pushed->key[CONTRACT_KEY_SK][1].key, 32);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
}

static void rotation_keeps_the_old_key_for_its_overlap(void **state)
{
	struct pushed *pushed = *state;

	assert_int_equal(secrets_tick(pushed->secrets, T0 + 12 * HOUR - 1), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
	assert_int_equal(secrets_tick(pushed->secrets, T0 + 12 * HOUR), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 2);
	assert_int_equal(pushed->key[CONTRACT_KEY_SK][1].expires_s, T0 + 13 * HOUR);
	assert_int_equal(pushed->key[CONTRACT_KEY_SK][2].expires_s, 0);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_TOKEN), 1);
	assert_int_equal(secrets_tick(pushed->secrets, T0 + 13 * HOUR), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
	assert_false(pushed->has[CONTRACT_KEY_SK][1]);
}

static void rotation_by_hand_makes_new_keys_at_once(void **state)
{
	struct pushed *pushed = *state;

	assert_int_equal(secrets_rotate(pushed->secrets, T0 + 5), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 2);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_TOKEN), 2);
	assert_int_equal(pushed->key[CONTRACT_KEY_TOKEN][1].expires_s, T0 + 5 + 24 * HOUR);
	assert_int_equal(pushed->key[CONTRACT_KEY_TOKEN][2].active_from_s, T0 + 5);
}

static void ids_that_are_in_use_are_not_given_again(void **state)
{
	struct pushed *pushed = *state;
	enum result result = RESULT_OK;
	int made = 1;

	while (made < 300 && (result = secrets_rotate(pushed->secrets, T0 + 1)) == RESULT_OK)
		made++;
	assert_int_equal(result, RESULT_EXISTS);
	assert_int_equal(made, 255);
	assert_int_equal(secrets_tick(pushed->secrets, T0 + 2 * HOUR), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
	assert_true(pushed->has[CONTRACT_KEY_SK][255]);
}

static void keys_under_another_key_file_are_refused(void **state)
{
	struct pushed *pushed = *state;
	char path[160];

	secrets_destroy(pushed->secrets);
	pushed->secrets = NULL;
	snprintf(path, sizeof(path), "%s/%s", pushed->folder, VAULT_FILE_NAME);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(opened(pushed, T0), RESULT_DENIED);
}

static void locked_store_changes_nothing(void **state)
{
	struct pushed *pushed = *state;
	sqlite3 *db;

	secrets_refill(pushed->secrets);
	assert_int_equal(sqlite3_open(pushed->stored->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(secrets_rotate(pushed->secrets, T0 + 5), RESULT_STALE);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 1);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(secrets_rotate(pushed->secrets, T0 + 6), RESULT_OK);
	assert_int_equal(keys_held(pushed, CONTRACT_KEY_SK), 2);
}

#define PUSHED_TEST(name) cmocka_unit_test_setup_teardown(name, pushed_make, pushed_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PUSHED_TEST(first_start_makes_one_key_of_each),
		PUSHED_TEST(keys_survive_a_restart),
		PUSHED_TEST(rotation_keeps_the_old_key_for_its_overlap),
		PUSHED_TEST(rotation_by_hand_makes_new_keys_at_once),
		PUSHED_TEST(ids_that_are_in_use_are_not_given_again),
		PUSHED_TEST(keys_under_another_key_file_are_refused),
		PUSHED_TEST(locked_store_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
