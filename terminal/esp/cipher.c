#include "terminal/esp/cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/esp/bytes.h"

struct esp_cipher {
	const struct esp_suite *suite;
	EVP_CIPHER_CTX *cipher; /* NULL for NULL encryption */
	EVP_MAC_CTX *mac;	/* NULL for GCM and GMAC */
	uint8_t salt[4];
};

static bool cipher_start(struct esp_cipher *c, const uint8_t *keys, bool is_sealing)
{
	EVP_CIPHER *method = EVP_CIPHER_fetch(NULL, c->suite->cipher, NULL);
	bool is_started = false;

	c->cipher = EVP_CIPHER_CTX_new();
	if (method && c->cipher)
		is_started =
			EVP_CipherInit_ex2(c->cipher, method, keys, NULL, is_sealing, NULL) == 1 &&
			EVP_CIPHER_CTX_set_padding(c->cipher, 0) == 1;
	EVP_CIPHER_free(method);
	return is_started;
}

static bool mac_start(struct esp_cipher *c, const uint8_t *key)
{
	EVP_MAC *method = EVP_MAC_fetch(NULL, "HMAC", NULL);
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)(uintptr_t)c->suite->digest, 0),
		OSSL_PARAM_construct_end(),
	};
	bool is_started = false;

	c->mac = method ? EVP_MAC_CTX_new(method) : NULL;
	if (c->mac)
		is_started = EVP_MAC_init(c->mac, key, c->suite->integrity_bytes, params) == 1;
	EVP_MAC_free(method);
	return is_started;
}

enum result esp_cipher_create(const struct esp_suite *suite, const uint8_t *keys, bool is_sealing,
			      struct esp_cipher **out)
{
	struct esp_cipher *c = calloc(1, sizeof(*c));

	if (!c)
		return RESULT_MEMORY;
	c->suite = suite;
	memcpy(c->salt, keys + suite->key_bytes, suite->salt_bytes);
	if ((suite->cipher && !cipher_start(c, keys, is_sealing)) ||
	    (suite->digest && !mac_start(c, keys + suite->key_bytes + suite->salt_bytes))) {
		esp_cipher_destroy(c);
		return RESULT_MEMORY;
	}
	*out = c;
	return RESULT_OK;
}

void esp_cipher_destroy(struct esp_cipher *cipher)
{
	if (!cipher)
		return;
	EVP_CIPHER_CTX_free(cipher->cipher);
	EVP_MAC_CTX_free(cipher->mac);
	OPENSSL_cleanse(cipher, sizeof(*cipher));
	free(cipher);
}

const struct esp_suite *esp_cipher_suite(const struct esp_cipher *cipher)
{
	return cipher->suite;
}

/* Nonce and AAD of RFC 4106 4 and 5, the long AAD of ESN. */
static bool gcm_start(struct esp_cipher *c, uint64_t sequence, const uint8_t *packet)
{
	uint8_t nonce[12], aad[12];
	int len;

	memcpy(nonce, c->salt, 4);
	memcpy(nonce + 4, packet + ESP_HEADER_BYTES, 8);
	memcpy(aad, packet, 4);
	bytes_put_u64(aad + 4, sequence);
	return EVP_CipherInit_ex2(c->cipher, NULL, NULL, nonce, -1, NULL) == 1 &&
	       EVP_CipherUpdate(c->cipher, NULL, &len, aad, sizeof(aad)) == 1;
}

/*
 * len bytes behind header and IV. GMAC's data is all AAD: the IV again (RFC 4543 3.3), and what is
 * not encrypted.
 */
static bool gcm_run(struct esp_cipher *c, uint8_t *packet, size_t len)
{
	uint8_t *data = packet + ESP_HEADER_BYTES + c->suite->iv_bytes;
	int done, rest;

	if (c->suite->is_clear)
		return EVP_CipherUpdate(c->cipher, NULL, &done, packet + ESP_HEADER_BYTES,
					c->suite->iv_bytes + (int)len) == 1 &&
		       EVP_CipherFinal_ex(c->cipher, packet, &rest) == 1;
	return EVP_CipherUpdate(c->cipher, data, &done, data, (int)len) == 1 &&
	       EVP_CipherFinal_ex(c->cipher, data + done, &rest) == 1;
}

static bool cbc_run(struct esp_cipher *c, uint8_t *packet, size_t len)
{
	const uint8_t *iv = packet + ESP_HEADER_BYTES;
	uint8_t *data = packet + ESP_HEADER_BYTES + c->suite->iv_bytes;
	int done;

	if (!c->cipher)
		return true;
	return EVP_CipherInit_ex2(c->cipher, NULL, NULL, iv, -1, NULL) == 1 &&
	       EVP_CipherUpdate(c->cipher, data, &done, data,
				(int)(len - ESP_HEADER_BYTES - c->suite->iv_bytes)) == 1;
}

/* HMAC over the packet and the high half of the number, which is not in it (RFC 4303 2.2.1). */
static bool mac_run(struct esp_cipher *c, uint64_t sequence, const uint8_t *packet, size_t len,
		    uint8_t icv[EVP_MAX_MD_SIZE])
{
	uint8_t high[4];
	size_t done;

	bytes_put_u32(high, (uint32_t)(sequence >> 32));
	return EVP_MAC_init(c->mac, NULL, 0, NULL) == 1 &&
	       EVP_MAC_update(c->mac, packet, len) == 1 &&
	       EVP_MAC_update(c->mac, high, sizeof(high)) == 1 &&
	       EVP_MAC_final(c->mac, icv, &done, EVP_MAX_MD_SIZE) == 1;
}

enum result esp_cipher_seal(struct esp_cipher *c, uint64_t sequence, uint8_t *packet, size_t len)
{
	size_t front = (size_t)ESP_HEADER_BYTES + c->suite->iv_bytes;
	uint8_t icv[EVP_MAX_MD_SIZE];

	if (!c->suite->digest) {
		if (!gcm_start(c, sequence, packet) || !gcm_run(c, packet, len - front) ||
		    EVP_CIPHER_CTX_ctrl(c->cipher, EVP_CTRL_AEAD_GET_TAG, c->suite->icv_bytes,
					packet + len) != 1)
			return RESULT_MEMORY;
		return RESULT_OK;
	}
	if (!cbc_run(c, packet, len) || !mac_run(c, sequence, packet, len, icv))
		return RESULT_MEMORY;
	memcpy(packet + len, icv, c->suite->icv_bytes);
	return RESULT_OK;
}

enum result esp_cipher_open(struct esp_cipher *c, uint64_t sequence, uint8_t *packet, size_t len)
{
	size_t front = (size_t)ESP_HEADER_BYTES + c->suite->iv_bytes;
	uint8_t icv[EVP_MAX_MD_SIZE];

	if (!c->suite->digest) {
		if (!gcm_start(c, sequence, packet) ||
		    EVP_CIPHER_CTX_ctrl(c->cipher, EVP_CTRL_AEAD_SET_TAG, c->suite->icv_bytes,
					packet + len) != 1 ||
		    !gcm_run(c, packet, len - front))
			return RESULT_DENIED;
		return RESULT_OK;
	}
	if (!mac_run(c, sequence, packet, len, icv) ||
	    CRYPTO_memcmp(icv, packet + len, c->suite->icv_bytes) != 0)
		return RESULT_DENIED;
	return cbc_run(c, packet, len) ? RESULT_OK : RESULT_DENIED;
}
