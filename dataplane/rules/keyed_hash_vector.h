/*
 * The keyed hash by four blocks at once (AVX-512 with VPCLMULQDQ), where the machine has it. Same
 * results as by IPsec-MB, which stays the way for all other machines; half its time, since a hash
 * here is short and all in one place: no call, no context, one reduction.
 */
#ifndef SEKISHO_DATAPLANE_RULES_KEYED_HASH_VECTOR_H
#define SEKISHO_DATAPLANE_RULES_KEYED_HASH_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most blocks that go into one call: what is gathered, and the lengths. */
#define KEYED_HASH_VECTOR_BLOCKS 33
/* Powers of H, the highest first, and room to read past them. */
#define KEYED_HASH_VECTOR_BYTES ((KEYED_HASH_VECTOR_BLOCKS + 3) * 16)

bool keyed_hash_vector_is_possible(void);

/* Bytes of what is hashed, where they stand; a field has its length as u16 before it. */
struct keyed_hash_piece {
	const uint8_t *at;
	uint32_t len;
	uint32_t is_field; /* 0 or 1 */
};

/* Room needed behind what is gathered: whole vectors are stored, and the block of lengths. */
#define KEYED_HASH_VECTOR_SLACK 128

/* The powers of h, the hash key as AES made it. */
void keyed_hash_vector_set(uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t h[16]);

/* GHASH goes on over 1 to KEYED_HASH_VECTOR_BLOCKS blocks. */
void keyed_hash_vector_add(const uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t *data,
			   size_t blocks, uint8_t state[16]);

/* The same, then the AES block over what came out: schedule is that of k2. */
void keyed_hash_vector_end(const uint8_t powers[KEYED_HASH_VECTOR_BYTES],
			   const uint8_t schedule[176], const uint8_t *data, size_t blocks,
			   const uint8_t state[16], uint8_t out[16]);

struct keyed_hash;

/* Gathers what is noted of a hash, with padding and lengths. False, and nothing done: it is longer
 * than fits. */
bool keyed_hash_vector_gather(struct keyed_hash *hash);

/* Hashes what was gathered of each, and fills in the results. */
void keyed_hash_vector_finish(struct keyed_hash *const hashes[], size_t count);

#endif
