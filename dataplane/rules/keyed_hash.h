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

/* Pieces noted before they are gathered, and room for the small ones among them. */
#define KEYED_HASH_PIECES      24
#define KEYED_HASH_SMALL_BYTES 160

struct keyed_hash {
	const struct keyed_hash_key *key;
	uint32_t pieces;     /* of piece: noted, not gathered yet */
	uint32_t small_used; /* of small */
	size_t filled;	     /* of gather */
	uint64_t hashed;     /* bytes that went through GHASH already, a multiple of 16 */
	size_t blocks;	     /* gathered by vectors, lengths included */
	uint8_t result[KEYED_HASH_BLOCK_BYTES]; /* once it is finished */
	struct keyed_hash_piece piece[KEYED_HASH_PIECES];
	uint8_t small[KEYED_HASH_SMALL_BYTES];
	_Alignas(16) uint8_t state[16];
	_Alignas(64) uint8_t gather[KEYED_HASH_GATHER_BYTES + KEYED_HASH_VECTOR_SLACK];
};

/* Starts over; no more than the head of the struct is touched. */
static inline void keyed_hash_begin(struct keyed_hash *hash, const struct keyed_hash_key *key)
{
	hash->key = key;
	hash->pieces = 0;
	hash->small_used = 0;
	hash->filled = 0;
	hash->hashed = 0;
}

/* What was noted is gathered, and hashed where there is more than fits. */
void keyed_hash_absorb(struct keyed_hash *hash);

static inline void keyed_hash_note(struct keyed_hash *hash, struct keyed_hash_piece piece)
{
	if (hash->pieces == KEYED_HASH_PIECES)
		keyed_hash_absorb(hash);
	hash->piece[hash->pieces++] = piece;
}

/* Bytes of fixed length, as they are; they must stay what they are until keyed_hash_end(). */
static inline void keyed_hash_raw(struct keyed_hash *hash, const void *at, size_t len)
{
	keyed_hash_note(hash, (struct keyed_hash_piece){.at = at, .len = (uint32_t)len});
}

/*
 * Room for up to 32 bytes that the caller writes, in place of bytes elsewhere: what stands in a row
 * becomes one piece.
 */
static inline uint8_t *keyed_hash_room(struct keyed_hash *hash, size_t len)
{
	uint8_t *to;

	if (hash->small_used + len > KEYED_HASH_SMALL_BYTES || hash->pieces == KEYED_HASH_PIECES)
		keyed_hash_absorb(hash);
	to = hash->small + hash->small_used;
	hash->small_used += (uint32_t)len;
	if (hash->pieces > 0) {
		struct keyed_hash_piece *last = &hash->piece[hash->pieces - 1];

		if (!last->is_field && last->at + last->len == to) {
			last->len += (uint32_t)len;
			return to;
		}
	}
	keyed_hash_raw(hash, to, len);
	return to;
}

/* Up to 32 bytes, copied. */
static inline void keyed_hash_small(struct keyed_hash *hash, const void *at, size_t len)
{
	memcpy(keyed_hash_room(hash, len), at, len);
}

static inline void keyed_hash_u8(struct keyed_hash *hash, uint8_t value)
{
	keyed_hash_small(hash, &value, 1);
}

/* Big endian. */
static inline void keyed_hash_u16(struct keyed_hash *hash, uint16_t value)
{
	uint16_t be = __builtin_bswap16(value);

	keyed_hash_small(hash, &be, sizeof(be));
}

static inline void keyed_hash_u32(struct keyed_hash *hash, uint32_t value)
{
	uint32_t be = __builtin_bswap32(value);

	keyed_hash_small(hash, &be, sizeof(be));
}

/*
 * A field: u16(length) and the bytes, which must stay what they are until keyed_hash_end(). Lengths
 * are below 65,536, as every slice of a datagram's is.
 */
static inline void keyed_hash_field(struct keyed_hash *hash, struct slice field)
{
	keyed_hash_note(hash, (struct keyed_hash_piece){.at = (const uint8_t *)field.at,
							.len = (uint32_t)field.len,
							.is_field = 1});
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
