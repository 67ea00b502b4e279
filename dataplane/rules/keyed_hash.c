#include "dataplane/rules/keyed_hash.h"

#include <string.h>

#include <openssl/crypto.h>

#define AES_128_SCHEDULE_BYTES 176

_Static_assert(KEYED_HASH_GATHER_BYTES / 16 + 1 <= KEYED_HASH_VECTOR_BLOCKS, "powers for all");

/*
 * One AES-128 block: CFB of one block of zeros is the encrypted IV, and the direct API has no
 * plainer way to it.
 */
static void block_encrypt(const IMB_MGR *mb, const uint8_t *schedule, const uint8_t in[16],
			  uint8_t out[16])
{
	static const uint8_t zeros[16];

	IMB_AES128_CFB_ONE(mb, out, zeros, in, schedule, 16);
}

void keyed_hash_key_set(struct keyed_hash_key *key, const IMB_MGR *mb,
			const uint8_t secret[KEYED_HASH_KEY_BYTES])
{
	_Alignas(16) uint8_t schedule[AES_128_SCHEDULE_BYTES];
	_Alignas(16) uint8_t decrypt[AES_128_SCHEDULE_BYTES]; /* the API makes both */
	static const uint8_t zeros[16];
	uint8_t h[16];

	key->mb = mb;
	IMB_AES_KEYEXP_128(mb, secret, schedule, decrypt);
	block_encrypt(mb, schedule, zeros, h);
	IMB_GHASH_PRE(mb, h, &key->ghash);
	key->is_vector = keyed_hash_vector_is_possible();
	if (key->is_vector)
		keyed_hash_vector_set(key->powers, h);
	IMB_AES_KEYEXP_128(mb, secret + 16, key->block, decrypt);
	OPENSSL_cleanse(schedule, sizeof(schedule));
	OPENSSL_cleanse(decrypt, sizeof(decrypt));
	OPENSSL_cleanse(h, sizeof(h));
}

void keyed_hash_key_wipe(struct keyed_hash_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

static void gather_flush(struct keyed_hash *hash)
{
	const struct keyed_hash_key *key = hash->key;

	if (hash->hashed == 0)
		memset(hash->state, 0, sizeof(hash->state));
	if (key->is_vector)
		keyed_hash_vector_add(key->powers, hash->gather, KEYED_HASH_GATHER_BYTES / 16,
				      hash->state);
	else
		IMB_GHASH(key->mb, &key->ghash, hash->gather, KEYED_HASH_GATHER_BYTES, hash->state,
			  16);
	hash->hashed += KEYED_HASH_GATHER_BYTES;
	hash->filled = 0;
}

/* Copies up to 32 bytes without a call: most pieces are that short. */
static inline void short_copy(uint8_t *to, const uint8_t *from, size_t len)
{
	if (len >= 16) {
		memcpy(to, from, 16);
		memcpy(to + len - 16, from + len - 16, 16);
	} else if (len >= 8) {
		memcpy(to, from, 8);
		memcpy(to + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			to[i] = from[i];
	}
}

static void gather(struct keyed_hash *hash, const uint8_t *from, size_t len)
{
	if (len <= 32 && hash->filled + len < KEYED_HASH_GATHER_BYTES) {
		short_copy(hash->gather + hash->filled, from, len);
		hash->filled += len;
		return;
	}
	while (len > 0) {
		size_t room = KEYED_HASH_GATHER_BYTES - hash->filled;
		size_t part = len < room ? len : room;

		memcpy(hash->gather + hash->filled, from, part);
		hash->filled += part;
		from += part;
		len -= part;
		if (hash->filled == KEYED_HASH_GATHER_BYTES)
			gather_flush(hash);
	}
}

void keyed_hash_absorb(struct keyed_hash *hash)
{
	for (uint32_t i = 0; i < hash->pieces; i++) {
		const struct keyed_hash_piece *piece = &hash->piece[i];
		uint16_t length = __builtin_bswap16((uint16_t)piece->len);

		if (piece->is_field)
			gather(hash, (const uint8_t *)&length, sizeof(length));
		gather(hash, piece->at, piece->len);
	}
	hash->pieces = 0;
	hash->small_used = 0;
}

/* What is left in the gathered bytes, their padding and the lengths. */
static void rest_finish(struct keyed_hash *hash)
{
	const struct keyed_hash_key *key = hash->key;
	size_t padded = (hash->filled + 15) & ~(size_t)15;
	uint64_t bits[2] = {__builtin_bswap64((hash->hashed + hash->filled) * 8), 0};

	if (hash->hashed == 0)
		memset(hash->state, 0, sizeof(hash->state));
	memset(hash->gather + hash->filled, 0, 16);
	memcpy(hash->gather + padded, bits, sizeof(bits));
	if (key->is_vector) {
		keyed_hash_vector_end(key->powers, key->block, hash->gather, padded / 16 + 1,
				      hash->state, hash->result);
	} else {
		IMB_GHASH(key->mb, &key->ghash, hash->gather, padded + 16, hash->state, 16);
		block_encrypt(key->mb, key->block, hash->state, hash->result);
	}
}

void keyed_hash_finish(struct keyed_hash *const hashes[], size_t count)
{
	struct keyed_hash *gathered[KEYED_HASH_TOGETHER];
	size_t ready = 0;

	for (size_t i = 0; i < count; i++) {
		struct keyed_hash *hash = hashes[i];

		if (hash->key->is_vector && hash->filled == 0 && hash->hashed == 0 &&
		    keyed_hash_vector_gather(hash)) {
			gathered[ready++] = hash;
			continue;
		}
		keyed_hash_absorb(hash);
		rest_finish(hash);
	}
	if (ready > 0)
		keyed_hash_vector_finish(gathered, ready);
}
