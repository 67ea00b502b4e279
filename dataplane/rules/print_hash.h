/*
 * A keyed fingerprint of 128 bits of a few short texts: twice the multilinear hash of words of 64
 * bits, modulo 2^128, of which the upper half is taken (Lemire, Kaser: Strongly universal string
 * hashing is fast). Under a key that is drawn at random and never shown any two different inputs
 * have the same one with a chance of 2^-128. Not to be shown to anybody: it is no pseudorandom
 * function.
 */
#ifndef SEKISHO_DATAPLANE_RULES_PRINT_HASH_H
#define SEKISHO_DATAPLANE_RULES_PRINT_HASH_H

#include <stdint.h>

#include "dataplane/tables/text_key.h"
#include "shared/limits.h"
#include "shared/slice.h"

/* Words that a text of so many bytes comes to. */
#define PRINT_TEXT_WORDS(bytes) (((bytes) + 7) / 8)

/* Where the words of each part begin: the parts' lengths and other facts come first. */
#define PRINT_FACTS_AT	0
#define PRINT_CALLEE_AT 1
#define PRINT_CALLER_AT (PRINT_CALLEE_AT + PRINT_TEXT_WORDS(LIMIT_AOR_BYTES))
#define PRINT_METHOD_AT (PRINT_CALLER_AT + PRINT_TEXT_WORDS(LIMIT_AOR_BYTES))
#define PRINT_WORDS	(PRINT_METHOD_AT + PRINT_TEXT_WORDS(LIMIT_SIP_METHOD_BYTES))

#define PRINT_HALVES 2

/* Secret. */
struct print_key {
	__uint128_t start[PRINT_HALVES];
	__uint128_t word[PRINT_WORDS][PRINT_HALVES];
};

/* One that is being made. */
struct print_hash {
	const struct print_key *key;
	__uint128_t sum[PRINT_HALVES];
};

static inline void print_hash_word(struct print_hash *hash, unsigned at, uint64_t word)
{
	for (unsigned i = 0; i < PRINT_HALVES; i++)
		hash->sum[i] += hash->key->word[at][i] * word;
}

/* facts: all that the texts are not, their lengths included. */
static inline void print_hash_begin(struct print_hash *hash, const struct print_key *key,
				    uint64_t facts)
{
	hash->key = key;
	for (unsigned i = 0; i < PRINT_HALVES; i++)
		hash->sum[i] = key->start[i];
	print_hash_word(hash, PRINT_FACTS_AT, facts);
}

/*
 * A text of at most `most` bytes, whose place that is; what is longer counts as if it were cut off.
 * The last word overlaps the one before: with the length in the facts all bytes are in.
 */
static inline void print_hash_text(struct print_hash *hash, unsigned at, struct slice text,
				   size_t most)
{
	size_t length = text.len < most ? text.len : most;

	if (length >= 8) {
		for (size_t i = 0; i + 8 < length; i += 8)
			print_hash_word(hash, at++, text_key_eight(text.at + i));
		print_hash_word(hash, at, text_key_eight(text.at + length - 8));
	} else if (length >= 4) {
		print_hash_word(hash, at,
				text_key_four(text.at) << 32 | text_key_four(text.at + length - 4));
	} else if (length > 0) {
		print_hash_word(hash, at,
				(uint64_t)(unsigned char)text.at[0] << 16 |
					(uint64_t)(unsigned char)text.at[length / 2] << 8 |
					(unsigned char)text.at[length - 1]);
	}
}

static inline void print_hash_end(const struct print_hash *hash, uint64_t out[PRINT_HALVES])
{
	for (unsigned i = 0; i < PRINT_HALVES; i++)
		out[i] = (uint64_t)(hash->sum[i] >> 64);
}

#endif
