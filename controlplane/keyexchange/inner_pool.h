/*
 * The addresses that terminals have inside a tunnel (docs/protocol.md 1.7): given out by the
 * gateway, so that no two terminals have the same one and none has one that it made up.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_INNER_POOL_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_INNER_POOL_H

#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"

/* A network; family 0: none. */
struct inner_prefix {
	struct sip_address address;
	uint8_t bits;
};

struct inner_pool;

/*
 * Up to one prefix of each family, each of which gives out at most `places` addresses: as many as
 * there may be SAs. RESULT_BAD: a prefix with fewer than two bits left, or two of one family;
 * RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result inner_pool_create(const struct inner_prefix prefixes[2],
					       uint32_t places, struct inner_pool **out);
void inner_pool_destroy(struct inner_pool *pool);

/*
 * One that nobody holds, not one that was free only just now if there is another; port 0. It is not
 * held yet. RESULT_SPACE: none is left, there is no prefix of this family, or no pool (NULL).
 */
SEKISHO_MUST_USE enum result inner_pool_find(struct inner_pool *pool, uint8_t family,
					     struct sip_address *out);

/* An SA with this inner address is there, or gone. An address of no prefix is nobody's business, and so is
 * all with a pool that is NULL. */
void inner_pool_hold(struct inner_pool *pool, const struct sip_address *address);
void inner_pool_release(struct inner_pool *pool, const struct sip_address *address);

#endif
