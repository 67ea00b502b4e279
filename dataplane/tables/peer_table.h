/*
 * The gateways we talk to: by index, by any of their addresses, by the domains they speak for, by
 * the name of their leg. Few and rarely changed: each change makes a whole new picture of the
 * table and swaps one pointer.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_PEER_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_PEER_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/deferred.h"
#include "dataplane/tables/peer.h"

struct peer_picture;

struct peer_table {
	_Atomic(struct peer_picture *) picture;
	struct deferred *deferred;
};

/* RESULT_OK or RESULT_MEMORY. */
enum result peer_table_init(struct peer_table *table, struct deferred *deferred) SEKISHO_MUST_USE;
void peer_table_fini(struct peer_table *table);

/* Writer: adds or replaces. RESULT_OK, RESULT_BAD (a value out of range) or RESULT_MEMORY. */
enum result peer_table_put(struct peer_table *table,
			   const struct contract_peer *put) SEKISHO_MUST_USE;

/* Writer: RESULT_OK, RESULT_NOT_FOUND or RESULT_MEMORY. */
enum result peer_table_delete(struct peer_table *table, uint32_t index) SEKISHO_MUST_USE;

/* Readers: NULL if there is none. Of several of one domain or leg, one that is up is taken before
 * others, then the lowest priority, then the lowest index. */
const struct peer *peer_table_at(const struct peer_table *table, uint32_t index);
const struct peer *peer_table_by_address(const struct peer_table *table,
					 const struct sip_address *address);
const struct peer *peer_table_by_domain(const struct peer_table *table,
					const struct text_key *domain);
const struct peer *peer_table_by_leg(const struct peer_table *table,
				     const uint8_t leg[PEER_LEG_BYTES]);

/*
 * Reader: of all gateways of this one's leg, the one for a call: of those that are up and of the
 * lowest priority, by weight. The same hash leads to the same one as long as these stay the same.
 * Itself, if none is up.
 */
const struct peer *peer_table_choose(const struct peer_table *table, const struct peer *peer,
				     uint64_t hash);

/* Reader: the gateway of this one's leg that has the address; NULL: none has, or it is alone. */
const struct peer *peer_table_beside(const struct peer_table *table, const struct peer *peer,
				     const struct sip_address *address);

/* Reader: has its leg more gateways than this one? */
bool peer_table_is_one_of_many(const struct peer_table *table, const struct peer *peer);

/* Reader: are there other gateways of our own domain? */
bool peer_table_has_siblings(const struct peer_table *table);

#endif
