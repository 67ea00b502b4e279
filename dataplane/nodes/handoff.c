/*
 * In: ESP packets for an SA that another worker owns, untouched.
 * Out: the owner's ring.
 * Drops: esp_spi_stale, handoff_busy.
 */
#include "dataplane/nodes/ring_ends.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/ring_give.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/nodes/forbid.h"

bool handoff_step(struct worker *worker, struct packet *packet)
{
	uint16_t owner = worker->tables->sas->in[SA_INDEX(packet->sa_handle)].worker;

	/* The SA may have been deleted since it was looked up. */
	if (owner >= worker->sibling_count || owner == worker->id) {
		packet->drop_reason = DROP_esp_spi_stale;
		return false;
	}
	*mbuf_note(packet->mbuf) =
		(struct mbuf_note){.kind = MBUF_NOTE_FRAME, .port = (uint8_t)packet->port};
	return ring_give(worker->siblings[owner]->handoff, packet, DROP_handoff_busy);
}

NODE_BURST_END(handoff)
NODE_REGISTER(handoff, "sk_drop")
