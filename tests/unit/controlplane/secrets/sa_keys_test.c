#include "controlplane/secrets/sa_keys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/controlplane/scratch.h"

struct kept {
	struct scratch scratch;
	char path[128];
	struct secret vault;
	struct sa_keys *keys;
};

static int kept_make(void **state)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	scratch_make(&kept->scratch);
	scratch_path(&kept->scratch, kept->path, "sa-keys");
	memset(kept->vault.bytes, 7, SECRET_BYTES);
	assert_int_equal(sa_keys_open(kept->path, &kept->vault, &kept->keys), RESULT_OK);
	*state = kept;
	return 0;
}

static int kept_remove(void **state)
{
	struct kept *kept = *state;

	sa_keys_close(kept->keys);
	scratch_remove(&kept->scratch);
	free(kept);
	return 0;
}

static struct contract_sa sa_of(uint32_t index, uint8_t generation)
{
	struct contract_sa sa = {.index = index, .generation = generation, .spi_out = 0x1234};

	memset(sa.key_in, 0xaa, sizeof(sa.key_in));
	memset(sa.key_out, 0xbb, sizeof(sa.key_out));
	return sa;
}

static enum result found(struct kept *kept, struct contract_sa *sa)
{
	memset(sa->key_in, 0, sizeof(sa->key_in));
	memset(sa->key_out, 0, sizeof(sa->key_out));
	return sa_keys_get(kept->keys, sa);
}

static size_t file_read(struct kept *kept, uint8_t *out, size_t size)
{
	int fd = open(kept->path, O_RDONLY);
	ssize_t length = read(fd, out, size);

	close(fd);
	assert_true(length >= 0);
	return (size_t)length;
}

static void keys_are_found_after_opening_again(void **state)
{
	struct kept *kept = *state;
	struct contract_sa sa = sa_of(3, 9);

	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	sa_keys_close(kept->keys);
	assert_int_equal(sa_keys_open(kept->path, &kept->vault, &kept->keys), RESULT_OK);
	assert_int_equal(found(kept, &sa), RESULT_OK);
	assert_int_equal(sa.key_in[0], 0xaa);
	assert_int_equal(sa.key_in[CONTRACT_SA_KEY_BYTES - 1], 0xaa);
	assert_int_equal(sa.key_out[CONTRACT_SA_KEY_BYTES - 1], 0xbb);
}

static void keys_are_not_readable_in_the_file(void **state)
{
	static uint8_t bytes[65536];
	struct kept *kept = *state;
	struct contract_sa sa = sa_of(1, 1);
	struct stat status;
	size_t length;

	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	length = file_read(kept, bytes, sizeof(bytes));
	assert_true(length > 144);
	assert_null(memmem(bytes, length, sa.key_in, 8));
	assert_null(memmem(bytes, length, sa.key_out, 8));
	assert_int_equal(stat(kept->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void keys_of_another_sa_are_not_found(void **state)
{
	struct kept *kept = *state;
	struct contract_sa sa = sa_of(3, 9), other = sa_of(3, 10);

	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	assert_int_equal(found(kept, &other), RESULT_NOT_FOUND);
	other = sa_of(2, 9);
	assert_int_equal(found(kept, &other), RESULT_NOT_FOUND);
	other = sa_of(100, 9);
	assert_int_equal(found(kept, &other), RESULT_NOT_FOUND);
	other = sa_of(3, 9);
	other.spi_out++;
	assert_int_equal(found(kept, &other), RESULT_NOT_FOUND);
}

static void forgotten_keys_leave_nothing(void **state)
{
	static uint8_t bytes[65536];
	struct kept *kept = *state;
	struct contract_sa sa = sa_of(2, 1);
	size_t length;

	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	sa_keys_forget(kept->keys, 2);
	sa_keys_forget(kept->keys, 5000);
	assert_int_equal(found(kept, &sa), RESULT_NOT_FOUND);
	length = file_read(kept, bytes, sizeof(bytes));
	for (size_t i = 0; i < length; i++)
		assert_int_equal(bytes[i], 0);
}

static void changed_bytes_and_another_vault_are_noticed(void **state)
{
	struct kept *kept = *state;
	struct contract_sa sa = sa_of(0, 1);
	struct secret other = {{1}};
	uint8_t byte;
	int fd;

	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	fd = open(kept->path, O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 100), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 100), 1);
	close(fd);
	assert_int_equal(found(kept, &sa), RESULT_DENIED);
	assert_int_equal(sa_keys_put(kept->keys, &sa), RESULT_OK);
	sa_keys_close(kept->keys);
	assert_int_equal(sa_keys_open(kept->path, &other, &kept->keys), RESULT_OK);
	assert_int_equal(found(kept, &sa), RESULT_DENIED);
}

static void file_that_others_may_read_is_refused(void **state)
{
	struct kept *kept = *state;
	struct sa_keys *keys = NULL;

	assert_int_equal(chmod(kept->path, 0644), 0);
	assert_int_equal(sa_keys_open(kept->path, &kept->vault, &keys), RESULT_DENIED);
	assert_int_equal(sa_keys_open("/nonexistent/sa-keys", &kept->vault, &keys), RESULT_IO);
	assert_null(keys);
}

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, kept_make, kept_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEPT_TEST(keys_are_found_after_opening_again),
		KEPT_TEST(keys_are_not_readable_in_the_file),
		KEPT_TEST(keys_of_another_sa_are_not_found),
		KEPT_TEST(forgotten_keys_leave_nothing),
		KEPT_TEST(changed_bytes_and_another_vault_are_noticed),
		KEPT_TEST(file_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
