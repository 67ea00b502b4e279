/* The ESP suites: names, numbers, key lengths and what they are worth (docs/protocol.md 1.6). */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SUITES_H
#define SEKISHO_SHARED_KEYEXCHANGE_SUITES_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/slice.h"

/* Numbers as in the protocol and the contract (enum contract_suite). */
enum suite {
	SUITE_AES_128_GCM_16 = 1,
	SUITE_AES_256_GCM_16,
	SUITE_AES_128_CBC_HMAC_SHA_256_128,
	SUITE_AES_128_CBC_HMAC_SHA_1_96,
	SUITE_NULL_HMAC_SHA_256_128,
	SUITE_AES_256_CBC_HMAC_SHA_256_128,
	SUITE_NULL_AES_128_GMAC_16,
};

#define SUITE_COUNT 7

/* Longest key material of a suite, one direction: bytes. */
#define SUITE_KEY_BYTES 72

struct suite_properties {
	struct slice name;
	enum suite suite;
	uint8_t encryption_bytes; /* key material in this order */
	uint8_t salt_bytes;
	uint8_t integrity_bytes;
	uint8_t icv_bytes;
	uint8_t level; /* 2 or 3, of a link under it (P10) */
};

/* NULL if there is no such suite. */
const struct suite_properties *suite_find(unsigned number);
const struct suite_properties *suite_find_name(struct slice name);

/* Bytes of key material for one direction. */
static inline size_t suite_key_bytes(const struct suite_properties *suite)
{
	return (size_t)suite->encryption_bytes + suite->salt_bytes + suite->integrity_bytes;
}

/* Suites in somebody's order of preference, none twice. */
struct suite_list {
	enum suite suite[SUITE_COUNT];
	size_t count;
};

bool suite_is_listed(const struct suite_list *list, enum suite suite);

/*
 * "a,b,c", best first. Names we do not know are left out, so that a newer terminal may offer
 * more. RESULT_BAD for an empty list, an empty name, a byte no name has, or a suite named twice.
 */
SEKISHO_MUST_USE enum result suite_list_parse(struct slice text, struct suite_list *out);

/* The first offered one that is allowed: RESULT_OK, or RESULT_NOT_FOUND. */
SEKISHO_MUST_USE enum result suite_choose(const struct suite_list *offered,
					  const struct suite_list *allowed, enum suite *out);

#endif
