#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/sha.h>
#include <sys/mman.h>

#include "dataplane/policy_file.h"

static const char bytes[] = "a policy, for what this file cares";

static int make(int seals, uint8_t sha256[32])
{
	int fd = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	SHA256((const uint8_t *)bytes, sizeof(bytes), sha256);
	return fd;
}

static void a_sealed_file_of_the_announced_hash_is_mapped(void **state)
{
	struct policy_file file;
	uint8_t sha256[32];
	int fd = make(F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SEAL, sha256);

	(void)state;
	assert_int_equal(policy_file_open(fd, sizeof(bytes), sha256, &file), RESULT_OK);
	close(fd);
	assert_int_equal(file.length, sizeof(bytes));
	assert_memory_equal(file.at, bytes, sizeof(bytes));
	policy_file_close(&file);
	assert_null(file.at);
}

static void one_that_could_still_change_is_refused(void **state)
{
	struct policy_file file;
	uint8_t sha256[32];
	int fd = make(F_SEAL_SHRINK, sha256);

	(void)state;
	assert_int_equal(policy_file_open(fd, sizeof(bytes), sha256, &file), RESULT_BAD);
	close(fd);
	fd = make(F_SEAL_WRITE, sha256);
	assert_int_equal(policy_file_open(fd, sizeof(bytes), sha256, &file), RESULT_BAD);
	close(fd);
}

static void another_hash_or_length_is_refused(void **state)
{
	struct policy_file file;
	uint8_t sha256[32];
	int fd = make(F_SEAL_SHRINK | F_SEAL_WRITE, sha256);

	(void)state;
	assert_int_equal(policy_file_open(fd, sizeof(bytes) - 1, sha256, &file), RESULT_BAD);
	assert_int_equal(policy_file_open(fd, sizeof(bytes) + 1, sha256, &file), RESULT_BAD);
	assert_int_equal(policy_file_open(fd, 0, sha256, &file), RESULT_BAD);
	assert_int_equal(policy_file_open(fd, UINT64_MAX, sha256, &file), RESULT_BAD);
	sha256[31] ^= 1;
	assert_int_equal(policy_file_open(fd, sizeof(bytes), sha256, &file), RESULT_BAD);
	close(fd);
}

static void no_file_or_another_kind_of_it_is_refused(void **state)
{
	struct policy_file file;
	uint8_t sha256[32] = {0};
	int ends[2];

	(void)state;
	assert_int_equal(policy_file_open(-1, 10, sha256, &file), RESULT_BAD);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(policy_file_open(ends[0], 10, sha256, &file), RESULT_BAD);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_file_of_the_announced_hash_is_mapped),
		cmocka_unit_test(one_that_could_still_change_is_refused),
		cmocka_unit_test(another_hash_or_length_is_refused),
		cmocka_unit_test(no_file_or_another_kind_of_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
