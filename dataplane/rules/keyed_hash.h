/*
 * The keyed hash KH of docs/protocol.md 3.1: GHASH over fields, one AES block over its result.
 * What a gateway must recognise again later (branch, sk=, token, To tag) is made of it.
 */
#ifndef SEKISHO_DATAPLANE_RULES_KEYED_HASH_H
#define SEKISHO_DATAPLANE_RULES_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <intel-ipsec-mb.h>

#include "dataplane/rules/keyed_hash_vector.h"
#include "shared/slice.h"

#define KEYED_HASH_KEY_BYTES   32 /* k1 || k2 */
#define KEYED_HASH_BLOCK_BYTES 16 /* the longest result */

/*
 * A key made ready for this machine's instruction set. Secret: made and wiped by the two functions
 * below, never copied to another machine. Read by all workers, never changed once made.
 */
struct keyed_hash_key {
	struct gcm_key_data ghash;
	_Alignas(16) uint8_t block[11 * 16]; /* AES-128 schedule of k2 */
	bool is_vector;			     /* keyed_hash_vector.h, else IPsec-MB */
	_Alignas(64) uint8_t powers[KEYED_HASH_VECTOR_BYTES]; /* if is_vector */
	const IMB_MGR *mb;
};

/* mb is borrowed for as long as the key lives; only its function table is used, so any thread may.
 */
void keyed_hash_key_set(struct keyed_hash_key *key, const IMB_MGR *mb,
			const uint8_t secret[KEYED_HASH_KEY_BYTES]);
void keyed_hash_key_wipe(struct keyed_hash_key *key);

/* Bytes gathered before they are hashed: most inputs fit, longer ones go in several rounds. */
#define KEYED_HASH_GATHER_BYTES 512

/* What is no longer is put in its place without a call. */
#define KEYED_HASH_SHORT_BYTES 32

struct keyed_hash {
	const struct keyed_hash_key *key;
	size_t filled;	 /* of gather */
	uint64_t hashed; /* bytes that went through GHASH already, a multiple of 16 */
	uint8_t result[KEYED_HASH_BLOCK_BYTES]; /* once it is finished */
	_Alignas(16) uint8_t state[16];
	/* Behind it room for padding and lengths. */
	_Alignas(64) uint8_t gather[KEYED_HASH_GATHER_BYTES + 32];
};

/* Starts over. */
static inline void keyed_hash_begin(struct keyed_hash *hash, const struct keyed_hash_key *key)
{
	hash->key = key;
	hash->filled = 0;
	hash->hashed = 0;
	memset(hash->state, 0, sizeof(hash->state));
}

/* Hashes all whole blocks that are gathered: less than one stays. */
void keyed_hash_absorb(struct keyed_hash *hash);

/* Room for up to KEYED_HASH_SHORT_BYTES that the caller writes, all of them. */
static inline uint8_t *keyed_hash_room(struct keyed_hash *hash, size_t len)
{
	uint8_t *to;

	if (hash->filled + len > KEYED_HASH_GATHER_BYTES)
		keyed_hash_absorb(hash);
	to = hash->gather + hash->filled;
	hash->filled += len;
	return to;
}

/* More than KEYED_HASH_SHORT_BYTES, by a call. */
void keyed_hash_long(struct keyed_hash *hash, const uint8_t *at, size_t len);

/* Up to KEYED_HASH_SHORT_BYTES: two words that may overlap. Each place that calls it has branches
 * of its own, which are guessed well, since a field has much the same length in every message. */
static inline void keyed_hash_short_copy(uint8_t *to, const uint8_t *from, size_t len)
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

/* Bytes of fixed length, as they are. */
static inline void keyed_hash_raw(struct keyed_hash *hash, const void *at, size_t len)
{
	if (len <= KEYED_HASH_SHORT_BYTES)
		keyed_hash_short_copy(keyed_hash_room(hash, len), at, len);
	else
		keyed_hash_long(hash, at, len);
}

static inline void keyed_hash_u8(struct keyed_hash *hash, uint8_t value)
{
	*keyed_hash_room(hash, 1) = value;
}

/* Big endian. */
static inline void keyed_hash_u16(struct keyed_hash *hash, uint16_t value)
{
	uint16_t be = __builtin_bswap16(value);

	memcpy(keyed_hash_room(hash, sizeof(be)), &be, sizeof(be));
}

static inline void keyed_hash_u32(struct keyed_hash *hash, uint32_t value)
{
	uint32_t be = __builtin_bswap32(value);

	memcpy(keyed_hash_room(hash, sizeof(be)), &be, sizeof(be));
}

/*
 * A field: u16(length) and the bytes. Lengths are below 65,536, as every slice of a datagram's is.
 */
static inline void keyed_hash_field(struct keyed_hash *hash, struct slice field)
{
	keyed_hash_u16(hash, (uint16_t)field.len);
	keyed_hash_raw(hash, field.at, field.len);
}

/*
 * The quick way, for who knows beforehand how long all of it will be: room is looked for once, and
 * the place of the next byte stays in a register (`at`, handed from call to call). Where there is
 * no room, at is NULL and each goes its long way, as above.
 */
static inline uint8_t *keyed_hash_open(struct keyed_hash *hash, const struct keyed_hash_key *key,
				       size_t size)
{
	keyed_hash_begin(hash, key);
	return size <= KEYED_HASH_GATHER_BYTES ? hash->gather : NULL;
}

static inline void keyed_hash_close(struct keyed_hash *hash, const uint8_t *at)
{
	if (at)
		hash->filled = (size_t)(at - hash->gather);
}

/* Bytes as they are. The last sixteen may overlap those before. */
static inline uint8_t *keyed_hash_put(struct keyed_hash *hash, uint8_t *at, const void *from,
				      size_t len)
{
	const uint8_t *bytes = from;

	if (__builtin_expect(!at, 0)) {
		keyed_hash_long(hash, bytes, len);
		return NULL;
	}
	if (len < 16) {
		keyed_hash_short_copy(at, bytes, len);
		return at + len;
	}
	memcpy(at, bytes, 16);
	for (size_t i = 16; i + 16 < len; i += 16)
		memcpy(at + i, bytes + i, 16);
	memcpy(at + len - 16, bytes + len - 16, 16);
	return at + len;
}

static inline uint8_t *keyed_hash_put_u16(struct keyed_hash *hash, uint8_t *at, uint16_t value)
{
	uint16_t be = __builtin_bswap16(value);

	return keyed_hash_put(hash, at, &be, sizeof(be));
}

static inline uint8_t *keyed_hash_put_u32(struct keyed_hash *hash, uint8_t *at, uint32_t value)
{
	uint32_t be = __builtin_bswap32(value);

	return keyed_hash_put(hash, at, &be, sizeof(be));
}

static inline uint8_t *keyed_hash_put_u64(struct keyed_hash *hash, uint8_t *at, uint64_t value)
{
	uint64_t be = __builtin_bswap64(value);

	return keyed_hash_put(hash, at, &be, sizeof(be));
}

/* Of the size that all come to, a field is its bytes and this. */
#define KEYED_HASH_FIELD_HEAD 2

static inline uint8_t *keyed_hash_put_field(struct keyed_hash *hash, uint8_t *at,
					    struct slice field)
{
	at = keyed_hash_put_u16(hash, at, (uint16_t)field.len);
	return keyed_hash_put(hash, at, field.at, field.len);
}

/* The most that are finished at once. */
#define KEYED_HASH_TOGETHER 32

/*
 * Fills in the results of up to KEYED_HASH_TOGETHER. Several at once take half the time of one
 * after the other: what was just written for one need not be waited for, nor its AES block.
 */
void keyed_hash_finish(struct keyed_hash *const hashes[], size_t count);

/* One alone: the first len bytes of the result, 1 to KEYED_HASH_BLOCK_BYTES. */
static inline void keyed_hash_end(struct keyed_hash *hash, void *out, size_t len)
{
	keyed_hash_finish(&hash, 1);
	memcpy(out, hash->result, len);
}

/* Results by which something is believed are this long. */
#define KEYED_HASH_MAC_BYTES 10

/* In the same time whatever they are. */
static inline bool keyed_hash_mac_is_equal(const uint8_t a[KEYED_HASH_MAC_BYTES],
					   const uint8_t b[KEYED_HASH_MAC_BYTES])
{
	uint64_t x, y;
	uint16_t u, v;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	memcpy(&u, a + sizeof(x), sizeof(u));
	memcpy(&v, b + sizeof(y), sizeof(v));
	return ((x ^ y) | (uint64_t)(u ^ v)) == 0;
}

#endif
