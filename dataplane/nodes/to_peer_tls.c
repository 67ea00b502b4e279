/*
 * In: SIP messages ready to leave for a peer that is served over TLS.
 * Out: the ring to the control lcore, which gives them to the control plane.
 * Drops: control_away, control_busy.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/ring_ends.h"
#include "dataplane/nodes/ring_give.h"
#include "dataplane/nodes/forbid.h"

bool to_peer_tls_step(struct worker *worker, struct packet *packet)
{
	if (!atomic_load_explicit(worker->has_controlplane, memory_order_relaxed)) {
		packet->drop_reason = DROP_control_away;
		return false;
	}
	*mbuf_note(packet->mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_SIP,
		.origin = CONTRACT_ORIGIN_PEER,
		.peer_index = packet->egress.peer_index,
	};
	worker->is_control_due = true;
	return ring_give(worker->to_control, packet, DROP_control_busy);
}

NODE_BURST_END(to_peer_tls)
NODE_REGISTER(to_peer_tls, "sk_drop")
