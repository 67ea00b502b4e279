#include "shared/keyexchange/kdf.h"

#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

/* RFC 2104 with SHA-256. */
#define BLOCK_BYTES 64
#define INNER_PAD   0x36
#define OUTER_PAD   0x5c

/*
 * libcrypto's SHA-256, looked up once: looking it up for each hash takes eight times as long as the
 * hash of a block. A context of it for each thread: making one takes as long as two blocks. Between
 * hashes it is begun, which wipes what the last one left in it. Both are set before anybody reads
 * them, never changed.
 */
static const EVP_MD *sha256;
static pthread_key_t contexts;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void context_free(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void look_up(void)
{
	if (pthread_key_create(&contexts, context_free) == 0)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static EVP_MD_CTX *make(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx && EVP_DigestInit_ex(ctx, sha256, NULL) == 1 &&
	    pthread_setspecific(contexts, ctx) == 0)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

/* This thread's context, its hash begun, or NULL. */
static EVP_MD_CTX *begin(void)
{
	EVP_MD_CTX *ctx = NULL;

	(void)pthread_once(&sha256_once, look_up);
	if (sha256)
		ctx = pthread_getspecific(contexts);
	return ctx || !sha256 ? ctx : make();
}

/* The hash; and the context is begun again. */
static bool end(EVP_MD_CTX *ctx, uint8_t out[KDF_HASH_BYTES])
{
	bool is_fine = EVP_DigestFinal_ex(ctx, out, NULL) == 1;

	return EVP_DigestInit_ex(ctx, NULL, NULL) == 1 && is_fine;
}

static bool add(EVP_MD_CTX *ctx, const struct slice *parts, size_t count)
{
	bool is_fine = true;

	for (size_t i = 0; is_fine && i < count; i++)
		is_fine = EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1;
	return is_fine;
}

enum result kdf_hash(const struct slice *parts, size_t count, uint8_t out[KDF_HASH_BYTES])
{
	EVP_MD_CTX *ctx = begin();
	bool is_fine = ctx && add(ctx, parts, count);

	return ctx && end(ctx, out) && is_fine ? RESULT_OK : RESULT_IO;
}

/* The key, or the hash of a longer one, over a block of pad bytes. */
static enum result make_pad(struct slice key, uint8_t pad, uint8_t block[BLOCK_BYTES])
{
	uint8_t hashed[KDF_HASH_BYTES];
	enum result result = RESULT_OK;

	if (key.len > BLOCK_BYTES) {
		result = kdf_hash(&key, 1, hashed);
		key = slice_make(hashed, sizeof(hashed));
	}
	memset(block, pad, BLOCK_BYTES);
	for (size_t i = 0; i < key.len; i++)
		block[i] ^= (uint8_t)key.at[i];
	secret_wipe_bytes(hashed, sizeof(hashed));
	return result;
}

static bool hmac(EVP_MD_CTX *ctx, uint8_t block[BLOCK_BYTES], const struct slice *parts,
		 size_t count, uint8_t out[KDF_HASH_BYTES])
{
	bool is_fine = EVP_DigestUpdate(ctx, block, BLOCK_BYTES) == 1 && add(ctx, parts, count);

	is_fine = end(ctx, out) && is_fine;
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		block[i] ^= INNER_PAD ^ OUTER_PAD;
	is_fine = is_fine && EVP_DigestUpdate(ctx, block, BLOCK_BYTES) == 1 &&
		  EVP_DigestUpdate(ctx, out, KDF_HASH_BYTES) == 1;
	return end(ctx, out) && is_fine;
}

enum result kdf_hmac(struct slice key, const struct slice *parts, size_t count,
		     uint8_t out[KDF_HASH_BYTES])
{
	uint8_t block[BLOCK_BYTES], mac[KDF_HASH_BYTES];
	enum result result = make_pad(key, INNER_PAD, block);
	EVP_MD_CTX *ctx = begin();

	if (result == RESULT_OK && !(ctx && hmac(ctx, block, parts, count, mac)))
		result = RESULT_IO;
	/* not before: the output may be one of the parts */
	if (result == RESULT_OK)
		memcpy(out, mac, sizeof(mac));
	secret_wipe_bytes(block, sizeof(block));
	secret_wipe_bytes(mac, sizeof(mac));
	return result;
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
