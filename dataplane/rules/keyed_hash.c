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

/* By vectors GHASH goes on with a state that is in the first block already. */
static void state_put(struct keyed_hash *hash)
{
	for (size_t i = 0; i < sizeof(hash->state); i++)
		hash->gather[i] ^= hash->state[i];
}

static void blocks_hash(struct keyed_hash *hash, size_t blocks)
{
	const struct keyed_hash_key *key = hash->key;

	if (!key->is_vector) {
		IMB_GHASH(key->mb, &key->ghash, hash->gather, blocks * 16, hash->state, 16);
		return;
	}
	state_put(hash);
	keyed_hash_vector_add(key->powers, hash->gather, blocks, hash->state);
}

void keyed_hash_absorb(struct keyed_hash *hash)
{
	size_t blocks = hash->filled / 16, left = hash->filled % 16;

	blocks_hash(hash, blocks);
	memcpy(hash->gather, hash->gather + blocks * 16, left);
	hash->hashed += blocks * 16;
	hash->filled = left;
}

void keyed_hash_long(struct keyed_hash *hash, const uint8_t *at, size_t len)
{
	while (len > 0) {
		size_t room = KEYED_HASH_GATHER_BYTES - hash->filled;
		size_t part = len < room ? len : room;

		memcpy(hash->gather + hash->filled, at, part);
		hash->filled += part;
		at += part;
		len -= part;
		if (len > 0)
			keyed_hash_absorb(hash);
	}
}

/* Zeros up to a whole block, and the block of lengths. */
static void padding_write(struct keyed_hash *hash)
{
	uint64_t bits[2] = {__builtin_bswap64((hash->hashed + hash->filled) * 8), 0};

	memset(hash->gather + hash->filled, 0, 16);
	hash->filled = (hash->filled + 15) & ~(size_t)15;
	memcpy(hash->gather + hash->filled, bits, sizeof(bits));
	hash->filled += sizeof(bits);
}

void keyed_hash_finish(struct keyed_hash *const hashes[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		padding_write(hashes[i]);
	if (count > 0 && hashes[0]->key->is_vector) {
		for (size_t i = 0; i < count; i++)
			if (hashes[i]->hashed > 0)
				state_put(hashes[i]);
		keyed_hash_vector_finish(hashes, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		blocks_hash(hashes[i], hashes[i]->filled / 16);
		block_encrypt(hashes[i]->key->mb, hashes[i]->key->block, hashes[i]->state,
			      hashes[i]->result);
	}
}
