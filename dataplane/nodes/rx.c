/*
 * In: this worker's queue of every port.
 * Out: the frames, each with a context, to classify.
 * Drops: none; what there are no contexts for stays in the queue.
 */
#include <rte_ethdev.h>

#include "dataplane/io/port.h"
#include "dataplane/bounds.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/forbid.h"

static uint16_t port_receive(struct rte_graph *graph, struct rte_node *node, uint16_t port)
{
	struct worker *worker = node_worker(node);
	uint16_t ethdev = worker->tables->ports->ports[port].ethdev;
	size_t room = packet_pool_free_count(worker->packets);
	struct rte_mbuf *mbufs[SOURCE_BURST];
	uint16_t count = rte_eth_rx_burst(ethdev, (uint16_t)worker->id, mbufs,
					  (uint16_t)RTE_MIN(room, (size_t)SOURCE_BURST));
	void **stream;

	if (count == 0)
		return 0;
	stream = rte_node_next_stream_get(graph, node, 0, count);
	for (uint16_t i = 0; i < count; i++) {
		struct packet *packet = packet_take(worker->packets, mbufs[i]);

		packet->port = port;
		stream[i] = packet;
	}
	rte_node_next_stream_put(graph, node, 0, count);
	return count;
}

static uint16_t rx_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			 uint16_t count)
{
	struct worker *worker = node_worker(node);
	uint16_t taken = 0;

	(void)objs;
	(void)count;
	for (uint16_t port = 0; port < worker->tables->ports->count; port++)
		taken = (uint16_t)(taken + port_receive(graph, node, port));
	worker->taken += taken;
	return taken;
}

NODE_REGISTER_SOURCE(rx, "sk_classify")
