#include "controlplane/secrets/vault.h"

#include <sys/stat.h>

#include "tests/unit/controlplane/scratch.h"

static void key_file_is_made_once_and_for_its_owner(void **state)
{
	struct scratch scratch;
	struct secret first, again;
	char folder[128], path[160], message[256] = "";
	struct stat status;

	(void)state;
	scratch_make(&scratch);
	scratch_path(&scratch, folder, "secrets");
	assert_int_equal(vault_open(folder, &first, message, sizeof(message)), RESULT_OK);
	assert_int_equal(vault_open(folder, &again, message, sizeof(message)), RESULT_OK);
	assert_memory_equal(first.bytes, again.bytes, SECRET_BYTES);
	snprintf(path, sizeof(path), "%s/store.key", folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, 32);
	unlink(path);
	rmdir(folder);
	scratch_remove(&scratch);
}

static void key_file_that_others_may_read_is_refused(void **state)
{
	struct scratch scratch;
	struct secret key;
	char folder[128], path[160], message[256] = "";

	(void)state;
	scratch_make(&scratch);
	scratch_path(&scratch, folder, "secrets");
	assert_int_equal(vault_open(folder, &key, message, sizeof(message)), RESULT_OK);
	snprintf(path, sizeof(path), "%s/store.key", folder);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(vault_open(folder, &key, message, sizeof(message)), RESULT_DENIED);
	assert_non_null(strstr(message, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(vault_open(folder, &key, message, sizeof(message)), RESULT_BAD);
	unlink(path);
	rmdir(folder);
	scratch_remove(&scratch);
}

static void folder_that_cannot_be_made_is_told(void **state)
{
	struct secret key;
	char message[256] = "";

	(void)state;
	assert_int_equal(vault_open("/proc/nothing/here", &key, message, sizeof(message)),
			 RESULT_IO);
	assert_non_null(strstr(message, "/proc/nothing/here"));
}

static struct contract_key key_of(void)
{
	struct contract_key key = {
		.purpose = CONTRACT_KEY_SK, .id = 7, .active_from_s = 100, .expires_s = 200};

	memset(key.key, 0x5a, sizeof(key.key));
	return key;
}

static void sealed_key_opens_to_what_it_was(void **state)
{
	struct contract_key key = key_of(), opened;
	struct secret under = {.bytes = {1, 2, 3}};
	struct store_key sealed;

	(void)state;
	assert_int_equal(vault_seal(&under, &key, &sealed), RESULT_OK);
	assert_null(memmem(sealed.sealed, sealed.sealed_length, key.key, 8));
	assert_int_equal(vault_unseal(&under, &sealed, &opened), RESULT_OK);
	assert_memory_equal(opened.key, key.key, 32);
	assert_int_equal(opened.purpose, CONTRACT_KEY_SK);
	assert_int_equal(opened.id, 7);
	assert_int_equal(opened.expires_s, 200);
}

static void anything_changed_about_a_sealed_key_is_noticed(void **state)
{
	struct contract_key key = key_of(), opened;
	struct secret under = {.bytes = {1, 2, 3}}, other = {.bytes = {1, 2, 4}};
	struct store_key sealed, changed;

	(void)state;
	assert_int_equal(vault_seal(&under, &key, &sealed), RESULT_OK);
	assert_int_equal(vault_unseal(&other, &sealed, &opened), RESULT_DENIED);
	changed = sealed;
	changed.expires_s = 0;
	assert_int_equal(vault_unseal(&under, &changed, &opened), RESULT_DENIED);
	changed = sealed;
	changed.purpose = CONTRACT_KEY_TOKEN;
	assert_int_equal(vault_unseal(&under, &changed, &opened), RESULT_DENIED);
	changed = sealed;
	changed.sealed[20] ^= 1;
	assert_int_equal(vault_unseal(&under, &changed, &opened), RESULT_DENIED);
	changed = sealed;
	changed.sealed_length--;
	assert_int_equal(vault_unseal(&under, &changed, &opened), RESULT_BAD);
}

static enum result hex_read(const char *text, mode_t mode, uint8_t out[32])
{
	struct scratch scratch;
	char path[128], message[256];
	enum result result;
	FILE *file;

	scratch_make(&scratch);
	scratch_path(&scratch, path, "persistent");
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
	result = vault_read_hex(path, out, message, sizeof(message));
	scratch_remove(&scratch);
	return result;
}

static void shared_secret_is_64_digits_of_ones_own(void **state)
{
	static const char good[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";
	uint8_t out[32];
	char bad[80];

	(void)state;
	assert_int_equal(hex_read(good, 0600, out), RESULT_OK);
	assert_int_equal(out[0], 0);
	assert_int_equal(out[31], 0x1f);
	assert_int_equal(hex_read(good, 0644, out), RESULT_DENIED);
	assert_int_equal(hex_read("0001", 0600, out), RESULT_BAD);
	strcpy(bad, good);
	bad[10] = 'g';
	assert_int_equal(hex_read(bad, 0600, out), RESULT_BAD);
	strcpy(bad, good);
	strcat(bad, "0");
	assert_int_equal(hex_read(bad, 0600, out), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_file_is_made_once_and_for_its_owner),
		cmocka_unit_test(key_file_that_others_may_read_is_refused),
		cmocka_unit_test(folder_that_cannot_be_made_is_told),
		cmocka_unit_test(sealed_key_opens_to_what_it_was),
		cmocka_unit_test(anything_changed_about_a_sealed_key_is_noticed),
		cmocka_unit_test(shared_secret_is_64_digits_of_ones_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
