/*
 * In: SIP payloads as esp_open admits them.
 * Out: the same to esp_seal.
 */
#include "bench/pipeline/turn.h"

#include <string.h>

#include <rte_graph.h>
#include <rte_graph_worker.h>

#include "dataplane/nodes/esp_open.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/packet.h"
#include "dataplane/tables/sa_table.h"

#define NODE_NAME "bench_turn"

static uint16_t turn_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			   uint16_t count)
{
	uint32_t half;

	memcpy(&half, node->ctx, sizeof(half));
	for (uint16_t i = 0; i < count; i++) {
		struct packet *packet = objs[i];
		uint32_t handle = packet->sa_handle;

		packet->egress.origin = CONTRACT_ORIGIN_SA;
		packet->egress.sa_handle =
			SA_HANDLE(turn_other(SA_INDEX(handle), half), SA_GENERATION(handle));
	}
	rte_node_next_stream_move(graph, node, 0);
	return count;
}

static const struct rte_node_register turn_node = {
	.name = NODE_NAME,
	.process = turn_burst,
	.nb_edges = 1,
	.next_nodes = {"sk_esp_seal"},
};

bool turn_node_put(void)
{
	const char *next = NODE_NAME;

	return __rte_node_register(&turn_node) != RTE_NODE_ID_INVALID &&
	       rte_node_edge_update(rte_node_from_name(esp_open_node.name), ESP_OPEN_EDGE_SIP,
				    &next, 1) == 1;
}

bool turn_halves_set(const char *graph, uint32_t half)
{
	struct rte_node *node = rte_graph_node_get_by_name(graph, NODE_NAME);

	if (!node)
		return false;
	memcpy(node->ctx, &half, sizeof(half));
	return true;
}
