#include "shared/keyexchange/x25519.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/hex.h"

static struct x25519 *make(const char *scalar)
{
	struct hex h = hex(scalar);
	struct secret secret;
	struct x25519 *own;

	memcpy(secret.bytes, h.bytes, SECRET_BYTES);
	assert_int_equal(x25519_create(&secret, &own), RESULT_OK);
	return own;
}

static void assert_derives(const char *scalar, const char *share, const char *expected)
{
	struct x25519 *own = make(scalar);
	struct hex other = hex(share), want = hex(expected);
	struct secret z;

	assert_int_equal(x25519_derive(own, other.bytes, &z), RESULT_OK);
	assert_memory_equal(z.bytes, want.bytes, SECRET_BYTES);
	x25519_destroy(own);
}

/* RFC 7748 5.2 and 6.1. */
static void derivation_gives_what_rfc_7748_says(void **state)
{
	(void)state;
	assert_derives("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
		       "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
		       "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
	assert_derives("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
		       "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		       "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
	assert_derives("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
		       "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		       "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void a_share_is_what_rfc_7748_says(void **state)
{
	(void)state;
	struct x25519 *bob =
		make("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	struct hex share = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");

	assert_memory_equal(x25519_share(bob), share.bytes, X25519_SHARE_BYTES);
	x25519_destroy(bob);
}

/* The points of order 1, 2, 4 and 8 and what is equal to them, with and without the top bit. */
static const char *const low_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void shares_of_low_order_are_refused(void **state)
{
	(void)state;
	struct random_source random = random_system();
	struct x25519 *own;

	assert_int_equal(x25519_generate(&random, &own), RESULT_OK);
	for (size_t i = 0; i < COUNT(low_order); i++) {
		struct hex share = hex(low_order[i]);
		struct secret z;

		assert_int_equal(x25519_derive(own, share.bytes, &z), RESULT_DENIED);
		share.bytes[31] |= 0x80;
		assert_int_equal(x25519_derive(own, share.bytes, &z), RESULT_DENIED);
	}
	x25519_destroy(own);
}

static void two_sides_come_to_the_same(void **state)
{
	(void)state;
	struct random_source random = random_system();
	struct x25519 *a, *b;
	struct secret za, zb;

	assert_int_equal(x25519_generate(&random, &a), RESULT_OK);
	assert_int_equal(x25519_generate(&random, &b), RESULT_OK);
	assert_int_equal(x25519_derive(a, x25519_share(b), &za), RESULT_OK);
	assert_int_equal(x25519_derive(b, x25519_share(a), &zb), RESULT_OK);
	assert_memory_equal(za.bytes, zb.bytes, SECRET_BYTES);
	x25519_destroy(a);
	x25519_destroy(b);
	x25519_destroy(NULL);
}

/* A key takes one share after the other: none leaves anything to the next, nor does a refused one. */
static void a_derivation_is_of_its_own_share_whatever_came_before(void **state)
{
	(void)state;
	struct random_source random = random_system();
	struct hex refused = hex(low_order[0]);
	struct x25519 *own, *others[3];
	struct secret z, expected;

	assert_int_equal(x25519_generate(&random, &own), RESULT_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(x25519_generate(&random, &others[i]), RESULT_OK);
	for (size_t turn = 0; turn < 9; turn++) {
		const struct x25519 *other = others[turn % 3];

		assert_int_equal(x25519_derive(own, x25519_share(other), &z), RESULT_OK);
		assert_int_equal(x25519_derive(other, x25519_share(own), &expected), RESULT_OK);
		assert_memory_equal(z.bytes, expected.bytes, SECRET_BYTES);
		if (turn % 2 == 0)
			assert_int_equal(x25519_derive(own, refused.bytes, &z), RESULT_DENIED);
	}
	for (size_t i = 0; i < 3; i++)
		x25519_destroy(others[i]);
	x25519_destroy(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derivation_gives_what_rfc_7748_says),
		cmocka_unit_test(a_share_is_what_rfc_7748_says),
		cmocka_unit_test(shares_of_low_order_are_refused),
		cmocka_unit_test(two_sides_come_to_the_same),
		cmocka_unit_test(a_derivation_is_of_its_own_share_whatever_came_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
