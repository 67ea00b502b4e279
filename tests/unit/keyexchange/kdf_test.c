#include "shared/keyexchange/kdf.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/hex.h"

struct hkdf_case {
	const char *ikm, *salt, *info, *prk, *okm;
};

/* RFC 5869 A.1 to A.3. */
static const struct hkdf_case hkdf_cases[] = {
	{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
	 "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
	 "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
	{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
	 "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
	 "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
	 "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
	 "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
	 "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	 "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
	 "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac78272"
	 "71cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f"
	 "1d87"},
	{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
	 "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
	 "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

static void hkdf_gives_what_rfc_5869_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hkdf_cases); i++) {
		struct hex ikm = hex(hkdf_cases[i].ikm), salt = hex(hkdf_cases[i].salt);
		struct hex info = hex(hkdf_cases[i].info), okm = hex(hkdf_cases[i].okm);
		struct hex expected = hex(hkdf_cases[i].prk);
		struct secret prk;
		uint8_t out[HEX_BYTES];

		assert_int_equal(kdf_extract(hex_slice(&salt), hex_slice(&ikm), &prk), RESULT_OK);
		assert_memory_equal(prk.bytes, expected.bytes, SECRET_BYTES);
		assert_int_equal(kdf_expand(&prk, hex_slice(&info), out, okm.len), RESULT_OK);
		assert_memory_equal(out, okm.bytes, okm.len);
	}
}

/* FIPS 180-2 B.2, in pieces. */
static void a_hash_is_of_the_parts_together(void **state)
{
	(void)state;
	const struct slice parts[] = {
		SLICE("abcdbcdecdefdefgefghfghighij"),
		SLICE(""),
		SLICE("hijkijkljklmklmnlmnomnopnopq"),
	};
	struct hex expected =
		hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	uint8_t out[KDF_HASH_BYTES];

	assert_int_equal(kdf_hash(parts, 3, out), RESULT_OK);
	assert_memory_equal(out, expected.bytes, sizeof(out));
}

/* RFC 4231 4.3 and 4.7: a short key and one longer than a block. */
static void hmac_gives_what_rfc_4231_says(void **state)
{
	(void)state;
	const struct slice short_parts[] = {SLICE("what do ya want "), SLICE("for nothing?")};
	const struct slice long_part =
		SLICE("Test Using Larger Than Block-Size Key - Hash Key First");
	struct hex one = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	struct hex two = hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	char key[131];
	uint8_t out[KDF_HASH_BYTES];

	assert_int_equal(kdf_hmac(SLICE("Jefe"), short_parts, 2, out), RESULT_OK);
	assert_memory_equal(out, one.bytes, sizeof(out));
	memset(key, 0xaa, sizeof(key));
	assert_int_equal(kdf_hmac(slice_make(key, sizeof(key)), &long_part, 1, out), RESULT_OK);
	assert_memory_equal(out, two.bytes, sizeof(out));
}

static void more_than_hkdf_can_give_is_refused(void **state)
{
	(void)state;
	static uint8_t out[255 * 32 + 1];
	static const char info[KDF_INFO_BYTES + 1];
	struct secret prk = {.bytes = {1}};

	assert_int_equal(kdf_expand(&prk, SLICE(""), out, sizeof(out)), RESULT_SPACE);
	assert_int_equal(kdf_expand(&prk, SLICE(""), out, sizeof(out) - 1), RESULT_OK);
	assert_int_equal(kdf_expand(&prk, slice_make(info, sizeof(info)), out, 1), RESULT_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hkdf_gives_what_rfc_5869_says),
		cmocka_unit_test(a_hash_is_of_the_parts_together),
		cmocka_unit_test(hmac_gives_what_rfc_4231_says),
		cmocka_unit_test(more_than_hkdf_can_give_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
