/* What the ESP steps must know of a cipher suite: the one place where suites differ in shape. */
#ifndef SEKISHO_DATAPLANE_ESP_SUITE_H
#define SEKISHO_DATAPLANE_ESP_SUITE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"

enum esp_suite_kind {
	ESP_KIND_NONE = 0,
	ESP_KIND_GCM,  /* RFC 4106 */
	ESP_KIND_GMAC, /* RFC 4543: integrity alone */
	ESP_KIND_CBC,  /* RFC 3602 with an HMAC */
	ESP_KIND_NULL, /* RFC 2410 with an HMAC: integrity alone */
};

enum esp_suite_digest {
	ESP_DIGEST_NONE = 0,
	ESP_DIGEST_SHA_1,   /* cut to 96 bits, RFC 2404 */
	ESP_DIGEST_SHA_256, /* cut to 128 bits, RFC 4868 */
};

struct esp_suite {
	uint8_t kind;		 /* enum esp_suite_kind */
	uint8_t digest;		 /* enum esp_suite_digest */
	uint8_t level;		 /* of a link that uses it (P10) */
	uint8_t key_bytes;	 /* encryption key, or GMAC's */
	uint8_t salt_bytes;	 /* RFC 4106 4: first bytes of the nonce */
	uint8_t integrity_bytes; /* the HMAC's key */
	uint8_t iv_bytes;	 /* in the packet, after the sequence number */
	uint8_t icv_bytes;	 /* at the packet's end */
	uint8_t align_bytes;	 /* of payload, padding and trailer together */
};

#define ESP_SUITE_MAX	   CONTRACT_SUITE_NULL_AES_128_GMAC_16
#define ESP_SUITE_IV_BYTES 16 /* the longest */

/* The shape of a suite, or NULL if it is none that this data plane has. */
static inline const struct esp_suite *esp_suite_get(unsigned int suite)
{
	static const struct esp_suite suites[ESP_SUITE_MAX + 1] = {
		[CONTRACT_SUITE_AES_128_GCM_16] = {ESP_KIND_GCM, 0, 3, 16, 4, 0, 8, 16, 4},
		[CONTRACT_SUITE_AES_256_GCM_16] = {ESP_KIND_GCM, 0, 3, 32, 4, 0, 8, 16, 4},
		[CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128] = {ESP_KIND_CBC, ESP_DIGEST_SHA_256,
								 3, 16, 0, 32, 16, 16, 16},
		[CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96] = {ESP_KIND_CBC, ESP_DIGEST_SHA_1, 3, 16,
							      0, 20, 16, 12, 16},
		[CONTRACT_SUITE_NULL_HMAC_SHA_256_128] = {ESP_KIND_NULL, ESP_DIGEST_SHA_256, 2, 0,
							  0, 32, 0, 16, 4},
		[CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128] = {ESP_KIND_CBC, ESP_DIGEST_SHA_256,
								 3, 32, 0, 32, 16, 16, 16},
		[CONTRACT_SUITE_NULL_AES_128_GMAC_16] = {ESP_KIND_GMAC, 0, 2, 16, 4, 0, 8, 16, 4},
	};

	if (suite > ESP_SUITE_MAX || suites[suite].kind == ESP_KIND_NONE)
		return NULL;
	return &suites[suite];
}

/* Key material of one direction: encryption key, salt, integrity key. */
static inline size_t esp_suite_key_bytes(const struct esp_suite *suite)
{
	return (size_t)suite->key_bytes + suite->salt_bytes + suite->integrity_bytes;
}

#endif
