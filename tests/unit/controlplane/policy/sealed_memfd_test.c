#include "controlplane/policy/sealed_memfd.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

static void bytes_are_there_and_cannot_be_changed(void **state)
{
	/* SHA-256 of "abc", FIPS 180-2 B.1. */
	static const uint8_t expected[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
					     0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
					     0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
					     0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	uint8_t sha256[32];
	char read_back[4];
	int fd = -1;

	(void)state;
	assert_int_equal(sealed_memfd_create("test", "abc", 3, sha256, &fd), RESULT_OK);
	assert_memory_equal(sha256, expected, 32);
	assert_int_equal(pread(fd, read_back, sizeof(read_back), 0), 3);
	assert_memory_equal(read_back, "abc", 3);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 9), -1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_there_and_cannot_be_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
