#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controlplane/digest/response.h"

/* RFC 7616 3.9.1, the SHA-256 one. */
static void response_is_that_of_the_rfc(void **state)
{
	const struct digest_credentials said = {
		.nonce = SLICE("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
		.uri = SLICE("/dir/index.html"),
		.nc = SLICE("00000001"),
		.cnonce = SLICE("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
	};
	uint8_t verifier[DIGEST_BYTES];
	char response[DIGEST_HEX_CHARS];

	(void)state;
	assert_int_equal(digest_verifier_make(SLICE("Mufasa"), SLICE("http-auth@example.org"),
					      SLICE("Circle of Life"), verifier),
			 RESULT_OK);
	assert_int_equal(digest_response_make(&said, SLICE("GET"), verifier, response), RESULT_OK);
	assert_memory_equal(response,
			    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
			    DIGEST_HEX_CHARS);
}

/* SHA-256("a:b") by `printf a:b | sha256sum`. */
static void parts_are_joined_by_colons(void **state)
{
	const struct slice parts[] = {SLICE("a"), SLICE("b")};
	uint8_t digest[DIGEST_BYTES];
	static const uint8_t expected[4] = {0x67, 0x83, 0xa3, 0x1e};

	(void)state;
	assert_int_equal(digest_hash(parts, 2, digest), RESULT_OK);
	assert_memory_equal(digest, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(response_is_that_of_the_rfc),
		cmocka_unit_test(parts_are_joined_by_colons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
