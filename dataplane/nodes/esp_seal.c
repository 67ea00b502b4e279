/*
 * In: SIP messages that are to leave by the SA of packet->egress.
 * Out: outer IP packets to tx, those too long for their path to fragment; messages too long for a
 *      tunnel to inner_fragment, unsealed.
 * Drops: esp_*, not_ours.
 */
#include "dataplane/nodes/esp_seal.h"

#include "dataplane/drop_reason.h"
#include "dataplane/esp/plain.h"
#include "dataplane/io/port.h"
#include "dataplane/nodes/fragment.h"
#include "dataplane/nodes/inner_fragment.h"
#include "dataplane/nodes/node.h"
#include "dataplane/tables/sa_header.h"
#include "dataplane/nodes/forbid.h"

/* One burst's packets; outer headers of their own are written only for probes. */
struct burst {
	void *taken[ESP_BURST]; /* packets */
	struct esp_seal_packet sealed[ESP_BURST];
	struct sa_outer outer[ESP_BURST];
};

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

/* A probe goes to where its SA's other side seems to be, not to where the SA goes. */
static const struct sa_outer *probe_outer(const struct worker *worker, const struct packet *packet,
					  struct sa_outer *made)
{
	const struct sa_out *sa = sa_table_find_out(worker->tables->sas, packet->egress.sa_handle);
	const struct sa_outer *like;

	if (!sa)
		return NULL; /* sealing says so */
	like = &sa->outer[atomic_load_explicit(&sa->outer_slot, memory_order_acquire)];
	if (packet->outer_source.family != (like->is_ipv4 ? 4 : 6))
		return like;
	sa_header_outer_to(made, like, &packet->outer_source);
	return made;
}

/* What sealing is to do with those that are not too long for it: how many, in `taken`. */
static uint16_t sealed_begin(struct rte_graph *graph, struct rte_node *node, struct worker *worker,
			     void **objs, uint16_t count, struct burst *burst)
{
	uint16_t begun = 0;

	for (uint16_t i = 0; i < count; i++) {
		struct packet *packet = objs[i];
		struct esp_seal_packet *sealed = &burst->sealed[begun];

		if (inner_fragment_is_needed(worker, packet)) {
			rte_node_enqueue_x1(graph, node, ESP_SEAL_EDGE_INNER_FRAGMENT, packet);
			continue;
		}
		*sealed = (struct esp_seal_packet){.mbuf = packet->mbuf,
						   .sa_handle = packet->egress.sa_handle,
						   .is_inner_datagram = packet->is_inner};
		if (packet->is_probe) {
			sealed->next_header = ESP_NEXT_HEADER_DUMMY;
			sealed->outer = probe_outer(worker, packet, &burst->outer[begun]);
		}
		burst->taken[begun++] = packet;
	}
	return begun;
}

static uint16_t esp_seal_burst_all(struct rte_graph *graph, struct rte_node *node, void **objs,
				   uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct esp_seal seal = {.table = worker->tables->sas, .engine = worker->engine};
	struct burst burst;

	for (uint16_t at = 0; at < count; at = (uint16_t)(at + ESP_BURST)) {
		uint16_t given = (uint16_t)RTE_MIN(count - at, ESP_BURST);
		uint16_t some = sealed_begin(graph, node, worker, &objs[at], given, &burst);
		void **sent = some == given ? &objs[at] : burst.taken;
		struct node_run run = {0};

		esp_seal_burst(&seal, burst.sealed, some);
		for (uint16_t i = 0; i < some; i++)
			node_run_add(graph, node, sent, i,
				     (rte_edge_t)esp_seal_step(worker, sent[i], &burst.sealed[i]),
				     &run);
		node_run_end(graph, node, sent, some, &run);
	}
	return count;
}

const struct rte_node_register esp_seal_node = {
	.name = "sk_esp_seal",
	.process = esp_seal_burst_all,
	.nb_edges = 4,
	.next_nodes = {"sk_tx", "sk_fragment", "sk_inner_fragment", "sk_drop"},
};
