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

static inline uint64_t text_key_eight(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t text_key_four(const char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * Sixteen bytes a round, folded by a wide multiplication; the last round's words overlap what is
 * behind them, so that none is put together byte by byte. Not keyed: what is in the tables comes
 * from the operator's store, and a table's probe is bounded, so that a sender who picks names of
 * one hash only makes himself wait for a cache line or two more. It is T of docs/protocol.md 3.3,
 * too: gateways of a domain must come to the same.
 */
static inline uint64_t text_hash(struct slice text)
{
	const char *at = text.at; /* NULL perhaps, where there is no text */
	size_t left = text.len;
	uint64_t hash = 0x9e3779b97f4a7c15u ^ text.len, a = 0, b = 0;

	for (; left > 16; at += 16, left -= 16)
		hash = text_key_mix(text_key_eight(at) ^ 0xa0761d6478bd642fu,
				    text_key_eight(at + 8) ^ hash);
	if (text.len >= 16) {
		a = text_key_eight(at + left - 16);
		b = text_key_eight(at + left - 8);
	} else if (text.len >= 8) {
		a = text_key_eight(at);
		b = text_key_eight(at + left - 8);
	} else if (text.len >= 4) {
		a = text_key_four(at) << 32 | text_key_four(at + left - 4);
	} else if (text.len > 0) {
		a = (uint64_t)(unsigned char)at[0] << 16 |
		    (uint64_t)(unsigned char)at[left / 2] << 8 | (unsigned char)at[left - 1];
	}
	hash = text_key_mix(a ^ 0xe7037ed1a0b428dbu, b ^ hash);
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
