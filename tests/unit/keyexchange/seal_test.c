#include "shared/keyexchange/seal.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/hex.h"

/* Test case 16 of the GCM specification (McGrew and Viega, 2005). */
static void sealing_gives_what_the_specification_says(void **state)
{
	(void)state;
	struct hex key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
	struct hex nonce = hex("cafebabefacedbaddecaf888");
	struct hex aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
	struct hex plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
			       "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
	struct hex sealed = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
				"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
				"76fc6ece0f4e1768cddf8853bb2d551b");
	struct secret secret;
	uint8_t out[HEX_BYTES];

	memcpy(secret.bytes, key.bytes, SECRET_BYTES);
	assert_int_equal(seal_close(&secret, nonce.bytes, hex_slice(&aad), hex_slice(&plain), out),
			 RESULT_OK);
	assert_memory_equal(out, sealed.bytes, sealed.len);
	assert_int_equal(seal_open(&secret, nonce.bytes, hex_slice(&aad), hex_slice(&sealed), out),
			 RESULT_OK);
	assert_memory_equal(out, plain.bytes, plain.len);
}

static void one_bit_anywhere_is_enough_to_refuse(void **state)
{
	(void)state;
	static const uint8_t zeros[5];
	struct secret key = {.bytes = {7}};
	char aad[] = "head";
	char sealed[5 + SEAL_TAG_BYTES];
	uint8_t out[5];

	assert_int_equal(seal_close(&key, seal_nonce_zero, slice_make(aad, 4), SLICE("plain"),
				    (uint8_t *)sealed),
			 RESULT_OK);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] = (char)(sealed[bit / 8] ^ 1 << bit % 8);
		memset(out, 1, sizeof(out));
		assert_int_equal(seal_open(&key, seal_nonce_zero, slice_make(aad, 4),
					   slice_make(sealed, sizeof(sealed)), out),
				 RESULT_DENIED);
		assert_memory_equal(out, zeros, sizeof(out));
		sealed[bit / 8] = (char)(sealed[bit / 8] ^ 1 << bit % 8);
	}
	aad[0] = 'H';
	assert_int_equal(seal_open(&key, seal_nonce_zero, slice_make(aad, 4),
				   slice_make(sealed, sizeof(sealed)), out),
			 RESULT_DENIED);
}

static void less_than_a_tag_is_malformed(void **state)
{
	(void)state;
	struct secret key = {.bytes = {7}};
	char sealed[SEAL_TAG_BYTES - 1] = {0};
	uint8_t out[1];

	assert_int_equal(seal_open(&key, seal_nonce_zero, SLICE(""),
				   slice_make(sealed, sizeof(sealed)), out),
			 RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_gives_what_the_specification_says),
		cmocka_unit_test(one_bit_anywhere_is_enough_to_refuse),
		cmocka_unit_test(less_than_a_tag_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
