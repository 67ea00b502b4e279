/*
 * How often one subscriber may open an SA: whoever has a password still cannot use up the SA table
 * by attaching over and over (an index rests before it comes again).
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_ATTACH_RATE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_ATTACH_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/keyexchange/pace.h"
#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/slice.h"

/* So many at once, and one more each interval: several terminals, restarts, rekeys. */
#define ATTACH_RATE_BURST	16
#define ATTACH_RATE_INTERVAL_MS 4000

struct attach_rate;

/*
 * Subscribers share `places` (rounded up to a power of two, 8 bytes each) by a hash under seed, so
 * that memory is bounded; two that meet in one share its rate. RESULT_BAD for none, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result attach_rate_create(uint32_t places, uint32_t seed,
						struct attach_rate **out);

/* One for sources, under a seed of its own. RESULT_IO: no random numbers; RESULT_MEMORY. */
SEKISHO_MUST_USE enum result attach_rate_create_of_sources(struct pace pace,
							   struct attach_rate **out);
void attach_rate_destroy(struct attach_rate *rate);

/* May it open one now? Then it is counted. */
bool attach_rate_take(struct attach_rate *rate, struct slice subscriber, uint64_t now_ms);

/* Might it? Nothing is counted. */
bool attach_rate_is_left(const struct attach_rate *rate, struct slice subscriber, uint64_t now_ms);

/*
 * Where sources of packets are counted and not subscribers: an address as what stands for its holder.
 * Whoever has an IPv6 address has the whole /64. Borrows from bytes.
 */
static inline struct slice attach_rate_source(uint8_t family, const uint8_t *bytes)
{
	return slice_make(bytes, family == 4 ? 4 : 8);
}

/* Have two addresses one holder? */
static inline bool attach_rate_is_one_source(const struct contract_address *a,
					     const struct contract_address *b)
{
	return a->family == b->family && slice_is_equal(attach_rate_source(a->family, a->bytes),
							attach_rate_source(b->family, b->bytes));
}

#endif
