#include "shared/keyexchange/private_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "tests/unit/controlplane/scratch.h"

struct kept {
	struct scratch scratch;
	EVP_PKEY *key;
	char path[128], why[300];
};

static int set_up(void **state)
{
	struct kept *k = calloc(1, sizeof(*k));

	scratch_make(&k->scratch);
	scratch_path(&k->scratch, k->path, "key");
	k->key = EVP_EC_gen("P-256");
	*state = k;
	return k->key ? 0 : -1;
}

static int tear_down(void **state)
{
	struct kept *k = *state;

	scratch_remove(&k->scratch);
	EVP_PKEY_free(k->key);
	free(k);
	return 0;
}

static void write_key(const struct kept *k, const char *passphrase)
{
	FILE *file = fopen(k->path, "w");

	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_int_equal(PEM_write_PKCS8PrivateKey(
				 file, k->key, passphrase ? EVP_aes_128_cbc() : NULL, passphrase,
				 passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
			 1);
	fclose(file);
}

static void the_key_of_the_file_is_read(void **state)
{
	struct kept *k = *state;
	EVP_PKEY *read;

	write_key(k, NULL);
	assert_int_equal(private_key_read(k->path, &read, k->why, sizeof(k->why)), RESULT_OK);
	assert_int_equal(EVP_PKEY_eq(read, k->key), 1);
	EVP_PKEY_free(read);
}

static void a_key_that_others_may_read_is_not(void **state)
{
	struct kept *k = *state;
	EVP_PKEY *read;

	write_key(k, NULL);
	assert_int_equal(chmod(k->path, 0640), 0);
	assert_int_equal(private_key_read(k->path, &read, k->why, sizeof(k->why)), RESULT_DENIED);
	assert_non_null(strstr(k->why, "chmod 600"));
}

/* Nobody is there to be asked for a passphrase. */
static void what_is_no_key_or_under_a_passphrase_is_told(void **state)
{
	struct kept *k = *state;
	EVP_PKEY *read;
	FILE *file;

	write_key(k, "correct horse");
	assert_int_equal(private_key_read(k->path, &read, k->why, sizeof(k->why)), RESULT_BAD);
	assert_non_null(strstr(k->why, "no private key in PEM without a passphrase"));
	file = fopen(k->path, "w");
	fputs("rubbish", file);
	fclose(file);
	assert_int_equal(private_key_read(k->path, &read, k->why, sizeof(k->why)), RESULT_BAD);
	assert_int_equal(private_key_read("/nowhere", &read, k->why, sizeof(k->why)), RESULT_IO);
}

int main(void)
{
#define KEPT(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		KEPT(the_key_of_the_file_is_read),
		KEPT(a_key_that_others_may_read_is_not),
		KEPT(what_is_no_key_or_under_a_passphrase_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
