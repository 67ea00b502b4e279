/*
 * A text by which a table is searched: a canonical AOR or domain, with the hash that is worked out
 * once for a message and serves every table.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_TEXT_KEY_H
#define SEKISHO_DATAPLANE_TABLES_TEXT_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "shared/slice.h"

struct text_key {
	struct slice text;
	uint64_t hash;
};

static inline uint64_t text_key_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Sixteen bytes a round, folded by a wide multiplication. Not keyed: what is in the tables comes
 * from the operator's store, and a table's probe is bounded, so that a sender who picks names of
 * one hash only makes himself wait for a cache line or two more.
 */
static inline uint64_t text_hash(struct slice text)
{
	const char *at = text.at;
	size_t left = text.len;
	uint64_t hash = 0x9e3779b97f4a7c15u ^ text.len;

	while (left >= 16) {
		uint64_t a, b;

		memcpy(&a, at, 8);
		memcpy(&b, at + 8, 8);
		hash = text_key_mix(a ^ 0xa0761d6478bd642fu, b ^ hash);
		at += 16;
		left -= 16;
	}
	if (left > 0) {
		uint64_t a = 0, b = 0;

		memcpy(&a, at, left < 8 ? left : 8);
		if (left > 8)
			memcpy(&b, at + 8, left - 8);
		hash = text_key_mix(a ^ 0xe7037ed1a0b428dbu, b ^ hash);
	}
	return text_key_mix(hash ^ 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
}

static inline struct text_key text_key_make(struct slice text)
{
	return (struct text_key){.text = text, .hash = text_hash(text)};
}

static inline bool text_key_is_equal(const struct text_key *a, const struct text_key *b)
{
	return a->hash == b->hash && slice_is_equal(a->text, b->text);
}

#endif
