/*
 * In: packets that go no further, each with its reason.
 * Out: none.
 * Drops: all of them.
 */
#include "dataplane/nodes/drop.h"

#include "dataplane/figure.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/forbid.h"

void drop_step(struct worker *worker, struct packet *packet)
{
	figure_add(&worker->drops[packet->drop_reason], 1);
	rte_pktmbuf_free(packet->mbuf);
}

static uint16_t drop_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			   uint16_t count)
{
	struct worker *worker = node_worker(node);

	(void)graph;
	for (uint16_t i = 0; i < count; i++) {
		drop_step(worker, objs[i]);
		packet_put(worker->packets, objs[i]);
	}
	return count;
}

const struct rte_node_register drop_node = {.name = "sk_drop", .process = drop_burst};
