#include "shared/keyexchange/seal.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

const uint8_t seal_nonce_zero[SEAL_NONCE_BYTES];

/* Looked up once, as SHA-256 in kdf.c; set before anybody reads it, never changed. */
static const EVP_CIPHER *aes_256_gcm;
static pthread_once_t aes_256_gcm_once = PTHREAD_ONCE_INIT;

static void look_up(void)
{
	aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static EVP_CIPHER_CTX *context_make(void)
{
	(void)pthread_once(&aes_256_gcm_once, look_up);
	return aes_256_gcm ? EVP_CIPHER_CTX_new() : NULL;
}

static bool are_lengths_fine(struct slice aad, struct slice text)
{
	return aad.len <= INT_MAX && text.len <= INT_MAX;
}

static bool encrypt(EVP_CIPHER_CTX *ctx, struct slice aad, struct slice plain, uint8_t *out)
{
	int len = 0, tail = 0;

	return EVP_EncryptUpdate(ctx, NULL, &len, (const void *)aad.at, (int)aad.len) == 1 &&
	       EVP_EncryptUpdate(ctx, out, &len, (const void *)plain.at, (int)plain.len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, out + len, &tail) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_BYTES, out + plain.len) ==
		       1;
}

enum result seal_close(const struct secret *key, const uint8_t nonce[SEAL_NONCE_BYTES],
		       struct slice aad, struct slice plain, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx;
	bool is_fine;

	if (!are_lengths_fine(aad, plain))
		return RESULT_IO;
	ctx = context_make();
	is_fine = ctx && EVP_EncryptInit_ex(ctx, aes_256_gcm, NULL, key->bytes, nonce) == 1 &&
		  encrypt(ctx, aad, plain, out);
	EVP_CIPHER_CTX_free(ctx);
	return is_fine ? RESULT_OK : RESULT_IO;
}

static bool decrypt(EVP_CIPHER_CTX *ctx, struct slice aad, struct slice text, const uint8_t *tag,
		    uint8_t *out)
{
	uint8_t expected[SEAL_TAG_BYTES];
	int len = 0, tail = 0;

	memcpy(expected, tag, sizeof(expected));
	return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_BYTES, expected) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &len, (const void *)aad.at, (int)aad.len) == 1 &&
	       EVP_DecryptUpdate(ctx, out, &len, (const void *)text.at, (int)text.len) == 1 &&
	       EVP_DecryptFinal_ex(ctx, out + len, &tail) == 1;
}

enum result seal_open(const struct secret *key, const uint8_t nonce[SEAL_NONCE_BYTES],
		      struct slice aad, struct slice sealed, uint8_t *out)
{
	struct slice text = sealed;
	EVP_CIPHER_CTX *ctx;
	enum result result = RESULT_IO;

	if (sealed.len < SEAL_TAG_BYTES || !are_lengths_fine(aad, sealed))
		return RESULT_BAD;
	text.len -= SEAL_TAG_BYTES;
	ctx = context_make();
	if (ctx && EVP_DecryptInit_ex(ctx, aes_256_gcm, NULL, key->bytes, nonce) == 1)
		result = decrypt(ctx, aad, text, (const uint8_t *)text.at + text.len, out)
				 ? RESULT_OK
				 : RESULT_DENIED;
	EVP_CIPHER_CTX_free(ctx);
	if (result != RESULT_OK)
		secret_wipe_bytes(out, text.len);
	return result;
}
