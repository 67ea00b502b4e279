/*
 * In: IP packets whose next hop's MAC is not known.
 * Out: the ring to the control lcore, where they wait until the kernel has asked for it.
 * Drops: unresolved_busy.
 */
#include "dataplane/nodes/ring_ends.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/ring_give.h"
#include "dataplane/nodes/forbid.h"

bool unresolved_step(struct worker *worker, struct packet *packet)
{
	*mbuf_note(packet->mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_IP,
		.port = packet->egress.port,
		.destination = packet->egress.destination,
	};
	worker->is_control_due = true;
	return ring_give(worker->unresolved, packet, DROP_unresolved_busy);
}

NODE_BURST_END(unresolved)
NODE_REGISTER(unresolved, "sk_drop")
