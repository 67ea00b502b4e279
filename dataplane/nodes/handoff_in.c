/*
 * In: frames that other workers received for SAs of this one.
 * Out: each with a context, to classify, as if just received.
 * Drops: none; what there are no contexts for stays in the ring.
 */
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/forbid.h"

static uint16_t handoff_in_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				 uint16_t count)
{
	struct worker *worker = node_worker(node);
	size_t room = packet_pool_free_count(worker->packets);
	struct rte_mbuf *mbufs[SOURCE_BURST];
	unsigned taken =
		rte_ring_dequeue_burst(worker->handoff, (void **)mbufs,
				       (unsigned)RTE_MIN(room, (size_t)SOURCE_BURST), NULL);

	(void)objs;
	(void)count;
	for (unsigned i = 0; i < taken; i++) {
		struct packet *packet = packet_take(worker->packets, mbufs[i]);

		packet->port = mbuf_note(mbufs[i])->port;
		rte_node_enqueue_x1(graph, node, 0, packet);
	}
	worker->taken += taken;
	return (uint16_t)taken;
}

NODE_REGISTER_SOURCE(handoff_in, "sk_classify")
