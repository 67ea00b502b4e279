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

/* The most blocks that go into one call: what is gathered, and the lengths; in whole fours. */
#define KEYED_HASH_VECTOR_BLOCKS 36
/* Powers of H, the highest first; then of each the sum of its halves, likewise. */
#define KEYED_HASH_VECTOR_BYTES (2 * KEYED_HASH_VECTOR_BLOCKS * 16)

bool keyed_hash_vector_is_possible(void);

/* The powers of h, the hash key as AES made it. */
void keyed_hash_vector_set(uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t h[16]);

/* GHASH over 1 to KEYED_HASH_VECTOR_BLOCKS blocks. To go on with a state, it is put into the first
 * block beforehand. powers is aligned to 64 bytes. */
void keyed_hash_vector_add(const uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t *data,
			   size_t blocks, uint8_t state[16]);

struct keyed_hash;

/* Hashes what is gathered of each, the state of before, padding and lengths included, and fills in
 * the results. */
void keyed_hash_vector_finish(struct keyed_hash *const hashes[], size_t count);

#endif
