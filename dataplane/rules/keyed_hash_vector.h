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

/* The powers of h, the hash key as AES made it. */
void keyed_hash_vector_set(uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t h[16]);

/* GHASH goes on over 1 to KEYED_HASH_VECTOR_BLOCKS blocks. */
void keyed_hash_vector_add(const uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t *data,
			   size_t blocks, uint8_t state[16]);

struct keyed_hash;

/* Hashes what is gathered of each, padding and lengths included, and fills in the results. */
void keyed_hash_vector_finish(struct keyed_hash *const hashes[], size_t count);

#endif
