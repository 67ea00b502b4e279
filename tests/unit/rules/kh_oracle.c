#include "tests/unit/rules/kh_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

void kh_bytes(struct kh_data *data, const void *at, size_t length)
{
	assert_true(data->length + length <= sizeof(data->bytes));
	if (length > 0)
		memcpy(data->bytes + data->length, at, length);
	data->length += length;
}

void kh_u8(struct kh_data *data, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	kh_bytes(data, &byte, 1);
}

void kh_u32(struct kh_data *data, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		kh_u8(data, value >> shift & 0xff);
}

void kh_field(struct kh_data *data, const void *at, size_t length)
{
	kh_u8(data, (unsigned)length >> 8);
	kh_u8(data, (unsigned)length & 0xff);
	kh_bytes(data, at, length);
}

void kh_text(struct kh_data *data, const char *text)
{
	kh_field(data, text, strlen(text));
}

static void aes_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int length;

	assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL), 1);
	EVP_CIPHER_CTX_set_padding(context, 0);
	assert_int_equal(EVP_EncryptUpdate(context, out, &length, in, 16), 1);
	EVP_CIPHER_CTX_free(context);
}

/*
 * GHASH by OpenSSL: GMAC over the data is GHASH_H(data padded || u64(bits) || u64(0)), encrypted
 * with the counter block of its nonce; the key stream is taken off again (SP 800-38D 6.4, 7.1).
 * OpenSSL counts data given without output as AAD, whose length stands first: as the page has it.
 */
static void ghash_oracle(const uint8_t key[16], const struct kh_data *data, uint8_t out[16])
{
	static const uint8_t nonce[12] = {9};
	uint8_t counter[16] = {9, [15] = 1}, stream[16];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written;

	assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce), 1);
	if (data->length > 0)
		assert_int_equal(
			EVP_EncryptUpdate(context, NULL, &written, data->bytes, (int)data->length),
			1);
	assert_int_equal(EVP_EncryptFinal_ex(context, out, &written), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, out), 1);
	EVP_CIPHER_CTX_free(context);
	aes_block(key, counter, stream);
	for (unsigned i = 0; i < 16; i++)
		out[i] ^= stream[i];
}

void kh_oracle(const uint8_t secret[32], const struct kh_data *data, uint8_t out[16])
{
	uint8_t x[16];

	ghash_oracle(secret, data, x);
	aes_block(secret + 16, x, out);
}

void kh_expand(const uint8_t secret[32], const char *label, uint8_t out[32])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	char digest[] = "SHA256";
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret,
						  32),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)label,
						  strlen(label)),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(EVP_KDF_derive(context, out, 32, params), 1);
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

void kh_base64url(const uint8_t *at, size_t length, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, at, (int)length);
	for (; *out != 0 && *out != '='; out++) {
		if (*out == '+')
			*out = '-';
		else if (*out == '/')
			*out = '_';
	}
	*out = 0;
}
