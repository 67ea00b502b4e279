/*
 * In: SIP messages for the gateway itself.
 * Out: the rings to the control lcore, which gives them to the control plane, those that came through
 *      an SA first; while none is there, requests that were parsed to reply, with 503.
 * Drops: control_away, control_busy.
 */
#include "dataplane/nodes/to_control.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/ring_give.h"
#include "shared/sip/message.h"
#include "dataplane/nodes/forbid.h"

/* With nobody to ask: what can be answered is, so that the terminal need not guess. */
static enum to_control_edge answer_alone(struct packet *packet)
{
	const struct sip_message *message = packet->message;

	packet->drop_reason = DROP_control_away;
	if (!packet->is_parsed || !message->is_request || message->method == SIP_METHOD_ACK)
		return TO_CONTROL_DROP;
	packet->status = 503;
	return TO_CONTROL_REPLY;
}

/* A storm from outside has a ring of its own, so that terminals with a channel find room in theirs. */
static struct rte_ring *ring_for(const struct worker *worker, const struct packet *packet)
{
	return packet->origin == CONTRACT_ORIGIN_CLEAR ? worker->strangers : worker->to_control;
}

enum to_control_edge to_control_step(struct worker *worker, struct packet *packet)
{
	if (!atomic_load_explicit(worker->has_controlplane, memory_order_relaxed))
		return answer_alone(packet);
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
	if (ring_give(ring_for(worker, packet), packet, DROP_control_busy))
		return TO_CONTROL_TAKEN;
	return TO_CONTROL_DROP;
}

static uint16_t to_control_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				 uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		enum to_control_edge edge = to_control_step(worker, objs[i]);

		if (edge == TO_CONTROL_TAKEN)
			packet_put(worker->packets, objs[i]);
		else
			rte_node_enqueue_x1(graph, node, (rte_edge_t)edge, objs[i]);
	}
	return count;
}

NODE_REGISTER(to_control, "sk_drop", "sk_reply")
