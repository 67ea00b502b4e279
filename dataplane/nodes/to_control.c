/*
 * In: SIP messages for the gateway itself.
 * Out: the ring to the control lcore, which gives them to the control plane.
 * Drops: control_busy.
 */
#include "dataplane/nodes/ring_ends.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/ring_give.h"
#include "dataplane/nodes/forbid.h"

bool to_control_step(struct worker *worker, struct packet *packet)
{
	*mbuf_note(packet->mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_SIP,
		.origin = packet->origin,
		.port = (uint8_t)packet->port,
		.sa_handle = packet->sa_handle,
		.source = packet->source,
		.destination = packet->destination,
		.outer_source = packet->outer_source,
	};
	worker->is_control_due = true;
	return ring_give(worker->to_control, packet, DROP_control_busy);
}

NODE_BURST_END(to_control)
NODE_REGISTER(to_control, "sk_drop")
