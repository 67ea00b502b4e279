/* The digest of a Route-Security series, by which a response shows the one we sent (P14). */
#ifndef SEKISHO_DATAPLANE_RULES_SERIES_H
#define SEKISHO_DATAPLANE_RULES_SERIES_H

#include <stdint.h>

#include "dataplane/rules/keyed_hash.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/sip/route_security.h"

#define SERIES_DIGEST_BYTES 6

#define SERIES_ENTRY_BYTES_MAX (1 + 16 + 1)
#define SERIES_PACKED_BYTES    (LIMIT_LEGACY_SERIES_ENTRIES * SERIES_ENTRY_BYTES_MAX)

/* Entries newest first, as they stand from top to bottom (docs/protocol.md 3.4). */
void series_begin(struct keyed_hash *hash, const struct keyed_hash_key *key);
void series_add(struct keyed_hash *hash, const struct sip_address *address, uint8_t level);

/* The series' entries from first on; at most LIMIT_ROUTE_SECURITY_ENTRIES are there. */
void series_add_from(struct keyed_hash *hash, const struct sip_route_security *series,
		     unsigned first);
void series_end(struct keyed_hash *hash, uint8_t digest[SERIES_DIGEST_BYTES]);

/* A short series itself, each entry as it counts in the digest. */
struct series_packed {
	uint8_t count;
	uint8_t length; /* of bytes */
	uint8_t bytes[SERIES_PACKED_BYTES];
};

/* Below what is there. RESULT_OK, or RESULT_SPACE: one too many. */
enum result series_packed_add(struct series_packed *packed, const struct sip_address *address,
			      uint8_t level) SEKISHO_MUST_USE;

/* The series' entries from first on. RESULT_OK, RESULT_SPACE, or RESULT_BAD: a wrong entry. */
enum result series_packed_add_from(struct series_packed *packed,
				   const struct sip_route_security *series,
				   unsigned first) SEKISHO_MUST_USE;

/* RESULT_OK, or RESULT_BAD: bytes do not hold just count entries. out has no texts. */
enum result series_unpack(const struct series_packed *packed,
			  struct sip_route_security *out) SEKISHO_MUST_USE;

#endif
