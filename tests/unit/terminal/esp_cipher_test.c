#include "tests/unit/terminal/cmocka_setup.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/cipher.h"
#include "tests/unit/hex.h"

/*
 * draft-mcgrew-gcm-test-01 4, the first case: ESP with extended sequence numbers. The nonce's
 * last 8 bytes stand on the wire as IV.
 */
static const char known_keys[] = "4c80cdefbb5d10da906ac73c3613a6342e443b68";
static const char known_header[] = "0000432100000000"
				   "4956ed7e3b244cfe";
static const char known_plain[] = "45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
				  "00000000045f736970045f756470037369700963796265726369747902646b00"
				  "0021000101020201";
static const char known_sealed[] =
	"fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
	"cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
	"61bc17d768fd9732459018148f6cbe722fd04796562dfdb4";
static const uint64_t known_sequence = UINT64_C(0x8765432100000000);

static struct esp_cipher *cipher_make(unsigned suite, const uint8_t *keys, bool is_sealing)
{
	struct esp_cipher *cipher = NULL;

	assert_int_equal(esp_cipher_create(esp_suite_by_number(suite), keys, is_sealing, &cipher),
			 RESULT_OK);
	return cipher;
}

static void published_gcm_vector_with_esn_is_sealed(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES], packet[128], expected[128];
	struct esp_cipher *cipher;
	size_t len, sealed_len;

	(void)state;
	hex_bytes(known_keys, keys);
	len = hex_bytes(known_header, packet);
	len += hex_bytes(known_plain, packet + len);
	sealed_len = hex_bytes(known_sealed, expected);
	cipher = cipher_make(ESP_SUITE_AES_128_GCM_16, keys, true);
	assert_int_equal(esp_cipher_seal(cipher, known_sequence, packet, len), RESULT_OK);
	assert_memory_equal(packet + 16, expected, sealed_len);
	esp_cipher_destroy(cipher);
}

static void published_gcm_vector_with_esn_is_opened(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES], packet[128], expected[128];
	struct esp_cipher *cipher;
	size_t len;

	(void)state;
	hex_bytes(known_keys, keys);
	len = hex_bytes(known_header, packet);
	len += hex_bytes(known_sealed, packet + len) - 16;
	cipher = cipher_make(ESP_SUITE_AES_128_GCM_16, keys, false);
	assert_int_equal(esp_cipher_open(cipher, known_sequence, packet, len), RESULT_OK);
	assert_memory_equal(packet + 16, expected, hex_bytes(known_plain, expected));
	esp_cipher_destroy(cipher);
}

static void gcm_packet_under_another_high_half_of_the_number_is_refused(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES], packet[128];
	struct esp_cipher *cipher;
	size_t len;

	(void)state;
	hex_bytes(known_keys, keys);
	len = hex_bytes(known_header, packet);
	len += hex_bytes(known_sealed, packet + len) - 16;
	cipher = cipher_make(ESP_SUITE_AES_128_GCM_16, keys, false);
	assert_int_equal(esp_cipher_open(cipher, known_sequence + (UINT64_C(1) << 32), packet, len),
			 RESULT_DENIED);
	esp_cipher_destroy(cipher);
}

/* RFC 3602 4, case 1, as the encrypted part: what CBC makes of it is published. */
static void published_cbc_block_is_what_stands_in_the_packet(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES] = {0}, packet[64], expected[16];
	struct esp_cipher *cipher;
	size_t len;

	(void)state;
	hex_bytes("06a9214036b8a15b512e03d534120006", keys);
	len = hex_bytes("0000432100000001"
			"3dafba429d9eb430b422da802c9fac41",
			packet);
	memcpy(packet + len, "Single block msg", 16);
	len += 16;
	hex_bytes("e353779c1079aeb82708942dbe77181a", expected);
	cipher = cipher_make(ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128, keys, true);
	assert_int_equal(esp_cipher_seal(cipher, 1, packet, len), RESULT_OK);
	assert_memory_equal(packet + 24, expected, 16);
	esp_cipher_destroy(cipher);
}

/* RFC 4303 2.2.1: the high half is authenticated behind the packet, though it is not sent. */
static void icv_of_hmac_suites_covers_the_high_half(void **state)
{
	static const struct {
		unsigned suite;
		size_t integrity_at, integrity_bytes, icv_bytes;
	} cases[] = {
		{ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128, 16, 32, 16},
		{ESP_SUITE_AES_128_CBC_HMAC_SHA_1_96, 16, 20, 12},
		{ESP_SUITE_NULL_HMAC_SHA_256_128, 0, 32, 16},
		{ESP_SUITE_AES_256_CBC_HMAC_SHA_256_128, 32, 32, 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t keys[ESP_SUITE_KEYS_BYTES], packet[128] = {0}, whole[128],
						    icv[EVP_MAX_MD_SIZE];
		unsigned icv_len;
		const size_t len = 8 + 16 + 32;
		struct esp_cipher *cipher;

		for (size_t k = 0; k < sizeof(keys); k++)
			keys[k] = (uint8_t)(k * 7 + 1);
		cipher = cipher_make(cases[i].suite, keys, true);
		assert_int_equal(esp_cipher_seal(cipher, UINT64_C(0x0000000500000007), packet, len),
				 RESULT_OK);
		memcpy(whole, packet, len);
		bytes_put_u32(whole + len, 5);
		HMAC(cases[i].icv_bytes == 12 ? EVP_sha1() : EVP_sha256(),
		     keys + cases[i].integrity_at, (int)cases[i].integrity_bytes, whole, len + 4,
		     icv, &icv_len);
		assert_memory_equal(packet + len, icv, cases[i].icv_bytes);
		esp_cipher_destroy(cipher);
	}
}

/* RFC 4543 3.3: SPI, 64-bit number, IV and what is not encrypted are all AAD; made by Python's. */
static void gmac_covers_the_whole_packet_and_encrypts_nothing(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES] = {0}, packet[128], plain[128], expected[16];
	struct esp_cipher *seal, *open;
	size_t len;

	(void)state;
	hex_bytes("90d382b410eeba7ad938c46cec1a82bf22433c64", keys);
	len = hex_bytes("00004321876543210000000187654321"
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
			packet);
	memcpy(plain, packet, len);
	hex_bytes("9218f1103f272a1a5fc42d174a4053b4", expected);
	seal = cipher_make(ESP_SUITE_NULL_AES_128_GMAC_16, keys, true);
	open = cipher_make(ESP_SUITE_NULL_AES_128_GMAC_16, keys, false);
	assert_int_equal(esp_cipher_seal(seal, UINT64_C(0x187654321), packet, len), RESULT_OK);
	assert_memory_equal(packet, plain, len);
	assert_memory_equal(packet + len, expected, 16);
	assert_int_equal(esp_cipher_open(open, UINT64_C(0x187654321), packet, len), RESULT_OK);
	assert_memory_equal(packet, plain, len);
	assert_int_equal(esp_cipher_open(open, UINT64_C(0x087654321), packet, len), RESULT_DENIED);
	for (size_t i = 0; i < len + 16; i++) {
		packet[i] ^= 1;
		assert_int_equal(esp_cipher_open(open, UINT64_C(0x187654321), packet, len),
				 i < 4 || i >= 8 ? RESULT_DENIED : RESULT_OK);
		packet[i] ^= 1;
	}
	esp_cipher_destroy(seal);
	esp_cipher_destroy(open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gmac_covers_the_whole_packet_and_encrypts_nothing),
		cmocka_unit_test(published_gcm_vector_with_esn_is_sealed),
		cmocka_unit_test(published_gcm_vector_with_esn_is_opened),
		cmocka_unit_test(gcm_packet_under_another_high_half_of_the_number_is_refused),
		cmocka_unit_test(published_cbc_block_is_what_stands_in_the_packet),
		cmocka_unit_test(icv_of_hmac_suites_covers_the_high_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
