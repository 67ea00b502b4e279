#include "shared/keyexchange/kdf.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum result kdf_hash(const struct slice *parts, size_t count, uint8_t out[KDF_HASH_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_fine = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; is_fine && i < count; i++)
		is_fine = EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1;
	is_fine = is_fine && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return is_fine ? RESULT_OK : RESULT_IO;
}

enum result kdf_hmac(struct slice key, const struct slice *parts, size_t count,
		     uint8_t out[KDF_HASH_BYTES])
{
	/* libcrypto takes a null key for "the key set before", so an empty one needs an address. */
	const void *key_at = key.len ? key.at : "";
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len = 0;
	bool is_fine = ctx && EVP_MAC_init(ctx, key_at, key.len, params) == 1;

	for (size_t i = 0; is_fine && i < count; i++)
		is_fine = EVP_MAC_update(ctx, (const void *)parts[i].at, parts[i].len) == 1;
	is_fine = is_fine && EVP_MAC_final(ctx, out, &len, KDF_HASH_BYTES) == 1;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return is_fine && len == KDF_HASH_BYTES ? RESULT_OK : RESULT_IO;
}

enum result kdf_extract(struct slice salt, struct slice input, struct secret *prk)
{
	return kdf_hmac(salt, &input, 1, prk->bytes);
}

enum result kdf_expand(const struct secret *prk, struct slice info, uint8_t *out, size_t len)
{
	struct secret block;
	enum result result = RESULT_OK;

	if (info.len > KDF_INFO_BYTES || len > 255 * (size_t)KDF_HASH_BYTES)
		return RESULT_SPACE;
	for (size_t done = 0; done < len && result == RESULT_OK; done += KDF_HASH_BYTES) {
		uint8_t counter = (uint8_t)(done / KDF_HASH_BYTES + 1);
		size_t take = len - done < KDF_HASH_BYTES ? len - done : KDF_HASH_BYTES;
		const struct slice parts[] = {
			slice_make(block.bytes, done ? KDF_HASH_BYTES : 0),
			info,
			slice_make(&counter, 1),
		};

		result = kdf_hmac(slice_make(prk->bytes, SECRET_BYTES), parts, 3, block.bytes);
		if (result == RESULT_OK)
			memcpy(out + done, block.bytes, take);
	}
	secret_wipe(&block);
	if (result != RESULT_OK)
		secret_wipe_bytes(out, len);
	return result;
}
