/* Packets that wait on the control lcore until their next hop's MAC is known: few, and not for
 * long. */
#ifndef SEKISHO_DATAPLANE_IO_PENDING_H
#define SEKISHO_DATAPLANE_IO_PENDING_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/bounds.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct rte_mbuf;

struct pending_packet {
	struct rte_mbuf *mbuf; /* owned; NULL: the place is free */
	uint64_t until_ms;
	struct contract_address neighbour;
	uint8_t port;
};

/* All zero is an empty one. */
struct pending {
	struct pending_packet packets[PENDING_PACKETS];
	size_t count;
};

typedef void pending_end(void *context, struct rte_mbuf *mbuf);

/* Let it wait. RESULT_OK, or RESULT_SPACE: too many do, in all or for this neighbour; it stays the
 * caller's. */
enum result pending_add(struct pending *pending, uint8_t port,
			const struct contract_address *neighbour, struct rte_mbuf *mbuf,
			uint64_t now_ms) SEKISHO_MUST_USE;

/* The neighbour is known: each of its packets, oldest first, goes to end(), which then owns it. */
void pending_release(struct pending *pending, uint8_t port,
		     const struct contract_address *neighbour, pending_end *end, void *context);

/* Those that have waited too long go to end(); with now_ms UINT64_MAX all do. */
void pending_expire(struct pending *pending, uint64_t now_ms, pending_end *end, void *context);

#endif
