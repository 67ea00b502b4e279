/* Hand an mbuf to another lcore: what handoff, exception, to_control and unresolved have in common.
 */
#ifndef SEKISHO_DATAPLANE_NODES_RING_GIVE_H
#define SEKISHO_DATAPLANE_NODES_RING_GIVE_H

#include <rte_ring.h>

#include "dataplane/drop_reason.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/packet.h"

static inline bool ring_give(struct rte_ring *ring, struct packet *packet, enum drop_reason if_full)
{
	if (rte_ring_enqueue(ring, packet->mbuf) == 0)
		return true;
	packet->drop_reason = (uint16_t)if_full;
	return false;
}

#endif
