/* A gateway we talk to, as the control plane has told it. */
#ifndef SEKISHO_DATAPLANE_TABLES_PEER_H
#define SEKISHO_DATAPLANE_TABLES_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/sa.h"
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
	uint8_t priority;      /* of the gateways of its leg, the lower the better */
	uint8_t weight;	       /* of equals each so often: 1..255 */
	bool is_lost;	       /* there are SAs, but it does not answer */
	uint32_t sa_out_count; /* 0: link down */
	struct sip_address address[PEER_ADDRESSES];
	struct text_key domain[PEER_DOMAINS]; /* slices of text */
	struct text_key reach[PEER_DOMAINS];
	uint32_t sa_out[PEER_WORKERS]; /* SA index by worker, modulo sa_out_count */
	uint8_t sa_out_generation[PEER_WORKERS];
	char text[PEER_DOMAINS * 2][LIMIT_DOMAIN_BYTES + 1];
};

/* RESULT_BAD: a value is out of range; RESULT_MEMORY. To be freed with free(). */
enum result peer_make(const struct contract_peer *put, struct peer **peer) SEKISHO_MUST_USE;

/* Is there a link to it, so that what it asked for can be answered? */
static inline bool peer_is_linked(const struct peer *peer)
{
	return peer->is_tls || peer->sa_out_count > 0;
}

/* The handle of the SA that this worker sends by to it; there is one: sa_out_count is not 0. */
static inline uint32_t peer_sa_out(const struct peer *peer, unsigned worker)
{
	unsigned which = worker % peer->sa_out_count;

	return SA_HANDLE(peer->sa_out[which], peer->sa_out_generation[which]);
}

/* May new requests go to it? */
static inline bool peer_is_up(const struct peer *peer)
{
	return peer_is_linked(peer) && !peer->is_lost;
}

/* Is it one of the domains that the peer speaks for? */
bool peer_speaks_for(const struct peer *peer, const struct text_key *domain);

/* May it reach this foreign domain through us? */
bool peer_may_reach(const struct peer *peer, const struct text_key *domain);

/* Is it one of the peer's addresses, port aside? */
bool peer_has_address(const struct peer *peer, const struct sip_address *address);

#endif
