/* The suites of docs/protocol.md 1.6 as the terminal's ESP knows them: lengths, and OpenSSL's
 * names. */
#ifndef SEKISHO_TERMINAL_ESP_SUITE_H
#define SEKISHO_TERMINAL_ESP_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum esp_suite_number {
	ESP_SUITE_AES_128_GCM_16 = 1,
	ESP_SUITE_AES_256_GCM_16 = 2,
	ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128 = 3,
	ESP_SUITE_AES_128_CBC_HMAC_SHA_1_96 = 4,
	ESP_SUITE_NULL_HMAC_SHA_256_128 = 5,
	ESP_SUITE_AES_256_CBC_HMAC_SHA_256_128 = 6,
	ESP_SUITE_NULL_AES_128_GMAC_16 = 7,
};

struct esp_suite {
	uint8_t number;
	uint8_t key_bytes;	 /* of the cipher, 0 for NULL */
	uint8_t salt_bytes;	 /* GCM's, RFC 4106 4 */
	uint8_t integrity_bytes; /* of the HMAC key, 0 for GCM and GMAC */
	uint8_t iv_bytes;	 /* on the wire */
	uint8_t icv_bytes;	 /* on the wire */
	uint8_t block_bytes;	 /* what is encrypted is a multiple of it (RFC 4303 2.4) */
	bool is_clear;		 /* nothing is encrypted, though there may be a cipher: GMAC's */
	const char *cipher;	 /* OpenSSL's name, NULL for none */
	const char *digest;	 /* of the HMAC, OpenSSL's name, NULL for GCM and GMAC */
};

/* Key material of the longest suite. */
#define ESP_SUITE_KEYS_BYTES 64
#define ESP_SUITE_ICV_BYTES  16

/* NULL for a number that is none. */
const struct esp_suite *esp_suite_by_number(unsigned number);

#endif
