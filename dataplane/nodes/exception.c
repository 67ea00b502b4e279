/*
 * In: frames that are not for the data plane.
 * Out: the ring to the control lcore, which gives them to the kernel by the port's TAP.
 * Drops: exception_busy.
 */
#include "dataplane/nodes/ring_ends.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/ring_give.h"
#include "dataplane/nodes/forbid.h"

bool exception_step(struct worker *worker, struct packet *packet)
{
	*mbuf_note(packet->mbuf) =
		(struct mbuf_note){.kind = MBUF_NOTE_FRAME, .port = (uint8_t)packet->port};
	worker->is_control_due = true;
	return ring_give(worker->exceptions, packet, DROP_exception_busy);
}

NODE_BURST_END(exception)
NODE_REGISTER(exception, "sk_drop")
