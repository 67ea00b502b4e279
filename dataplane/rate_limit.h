/*
 * Token buckets for sources that nothing vouches for, in a table of fixed size: IPv4 by address,
 * IPv6 by /64. A source without a bucket gets a full one, in place of the one of its set that was
 * used longest ago. One per worker, touched by it alone.
 */
#ifndef SEKISHO_DATAPLANE_RATE_LIMIT_H
#define SEKISHO_DATAPLANE_RATE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct rate_limit;

/*
 * Room for `sources` (a power of two, 8 at least); each may send `per_second` and, after a pause,
 * `burst` at once. seed: secret, so that nobody chooses whom he shares a set with.
 * RESULT_OK, RESULT_BAD or RESULT_MEMORY.
 */
enum result rate_limit_create(size_t sources, uint32_t per_second, uint32_t burst, uint64_t seed,
			      struct rate_limit **limit) SEKISHO_MUST_USE;
void rate_limit_destroy(struct rate_limit *limit);

/* May this source send one now (Unix time in ms)? Takes a token if so. */
bool rate_limit_take(struct rate_limit *limit, const struct contract_address *source,
		     uint64_t now_ms) SEKISHO_MUST_USE;

#endif
