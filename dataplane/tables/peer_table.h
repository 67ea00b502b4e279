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
#include "dataplane/tables/text_key.h"
#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/sip/host.h"

#define PEER_CAPACITY  256 /* indices 1..255 */
#define PEER_ADDRESSES 8
#define PEER_DOMAINS   8
#define PEER_WORKERS   64
#define PEER_LEG_BYTES 6 /* docs/protocol.md 3.2 */

/* Never changed once published. */
struct peer {
	uint8_t index;
	uint8_t level;
	bool is_trusted; /* gets P-Asserted-Identity, and its own is believed */
	bool is_transit;
	bool is_sibling;
	bool is_tls; /* served by the control plane */
	uint8_t port;
	uint8_t route_security; /* enum contract_route_security; 0: as the settings say */
	uint8_t leg[PEER_LEG_BYTES];
	uint8_t domain_count;
	uint8_t reach_count; /* 0: only our own domains */
	uint8_t address_count;
	uint32_t sa_out_count; /* 0: link down */
	struct sip_address address[PEER_ADDRESSES];
	struct text_key domain[PEER_DOMAINS]; /* slices of text */
	struct text_key reach[PEER_DOMAINS];
	uint32_t sa_out[PEER_WORKERS]; /* SA index by worker, modulo sa_out_count */
	uint8_t sa_out_generation[PEER_WORKERS];
	char text[PEER_DOMAINS * 2][LIMIT_DOMAIN_BYTES + 1];
};

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

/* Readers: NULL if there is none. Of several of one domain or leg, one with its link up is taken
 * before others, then the lowest index. */
const struct peer *peer_table_at(const struct peer_table *table, uint32_t index);
const struct peer *peer_table_by_address(const struct peer_table *table,
					 const struct sip_address *address);
const struct peer *peer_table_by_domain(const struct peer_table *table,
					const struct text_key *domain);
const struct peer *peer_table_by_leg(const struct peer_table *table,
				     const uint8_t leg[PEER_LEG_BYTES]);

/* Is it one of the domains that the peer speaks for? */
bool peer_speaks_for(const struct peer *peer, const struct text_key *domain);

/* May it reach this foreign domain through us? */
bool peer_may_reach(const struct peer *peer, const struct text_key *domain);

/* Is it one of the peer's addresses, port aside? */
bool peer_has_address(const struct peer *peer, const struct sip_address *address);

#endif
