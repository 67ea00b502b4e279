/*
 * In: SIP messages that are to leave by the SA of packet->egress.
 * Out: outer IP packets to tx, those too long for their path to fragment.
 * Drops: esp_*, not_ours.
 */
#include "dataplane/nodes/esp_seal.h"

#include "dataplane/drop_reason.h"
#include "dataplane/io/port.h"
#include "dataplane/nodes/fragment.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/forbid.h"

enum esp_seal_edge esp_seal_step(struct worker *worker, struct packet *packet,
				 const struct esp_seal_packet *sealed)
{
	packet->mbuf = sealed->mbuf;
	packet->drop_reason = (uint16_t)sealed->reason;
	if (sealed->reason == DROP_NONE && sealed->port >= worker->tables->ports->count)
		packet->drop_reason = DROP_not_ours;
	if (packet->drop_reason != DROP_NONE)
		return ESP_SEAL_EDGE_DROP;
	packet->egress.port = (uint8_t)sealed->port;
	return fragment_is_needed(worker, packet) ? ESP_SEAL_EDGE_FRAGMENT : ESP_SEAL_EDGE_TX;
}

static uint16_t esp_seal_burst_all(struct rte_graph *graph, struct rte_node *node, void **objs,
				   uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct esp_seal seal = {.table = worker->tables->sas, .engine = worker->engine};
	struct esp_seal_packet sealed[ESP_BURST];

	for (uint16_t at = 0; at < count; at = (uint16_t)(at + ESP_BURST)) {
		uint16_t some = (uint16_t)RTE_MIN(count - at, ESP_BURST);

		for (uint16_t i = 0; i < some; i++) {
			const struct packet *packet = objs[at + i];

			sealed[i] = (struct esp_seal_packet){.mbuf = packet->mbuf,
							     .sa_handle = packet->egress.sa_handle};
		}
		esp_seal_burst(&seal, sealed, some);
		for (uint16_t i = 0; i < some; i++)
			rte_node_enqueue_x1(graph, node,
					    esp_seal_step(worker, objs[at + i], &sealed[i]),
					    objs[at + i]);
	}
	return count;
}

const struct rte_node_register esp_seal_node = {
	.name = "sk_esp_seal",
	.process = esp_seal_burst_all,
	.nb_edges = 3,
	.next_nodes = {"sk_tx", "sk_fragment", "sk_drop"},
};
