/* The digest of a Route-Security series, by which a response shows the one we sent (P14). */
#ifndef SEKISHO_DATAPLANE_RULES_SERIES_H
#define SEKISHO_DATAPLANE_RULES_SERIES_H

#include <stdint.h>

#include "dataplane/rules/keyed_hash.h"
#include "shared/sip/route_security.h"

#define SERIES_DIGEST_BYTES 6

/* Entries newest first, as they stand from top to bottom (docs/protocol.md 3.4). */
void series_begin(struct keyed_hash *hash, const struct keyed_hash_key *key);
void series_add(struct keyed_hash *hash, const struct sip_address *address, uint8_t level);

/* The series' entries from first on; at most LIMIT_ROUTE_SECURITY_ENTRIES are there. */
void series_add_from(struct keyed_hash *hash, const struct sip_route_security *series,
		     unsigned first);
void series_end(struct keyed_hash *hash, uint8_t digest[SERIES_DIGEST_BYTES]);

#endif
