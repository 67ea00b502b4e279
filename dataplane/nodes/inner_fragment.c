/*
 * In: SIP messages for a tunnel that would make outer packets longer than the path carries.
 * Out: their inner IP fragments to esp_seal.
 * Drops: buffers_exhausted, esp_no_room, esp_sa_gone, packet_too_long.
 */
#include "dataplane/nodes/inner_fragment.h"

#include "dataplane/drop_reason.h"
#include "dataplane/esp/seal.h"
#include "dataplane/nodes/fragment.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/forbid.h"

bool inner_fragment_is_needed(const struct worker *worker, const struct packet *packet)
{
	uint32_t len = packet->mbuf->data_len;
	const struct sa_out *sa;

	/* The usual message is known to fit without a look at its SA. */
	if (packet->is_inner || len + ESP_SEAL_HEADROOM + ESP_SEAL_TAILROOM <=
					sa_table_narrowest_path(worker->tables->sas))
		return false;
	sa = sa_table_find_out(worker->tables->sas, packet->egress.sa_handle);
	return sa && (sa->flags & SA_IS_TUNNEL) != 0 &&
	       len + sa->inner_len > esp_seal_inner_most(sa, fragment_path(worker, packet));
}

enum inner_fragment_edge inner_fragment_step(struct worker *worker, struct packet *packet,
					     struct packet *out[IP_FRAGMENTS_MAX], size_t *count)
{
	const struct sa_out *sa = sa_table_find_out(worker->tables->sas, packet->egress.sa_handle);
	enum drop_reason reason = DROP_esp_sa_gone;

	if (sa)
		reason = esp_seal_inner(sa, packet->mbuf);
	if (reason == DROP_NONE)
		reason = fragment_cut(worker, packet,
				      (uint16_t)esp_seal_inner_most(sa, fragment_path(worker, packet)),
				      out, count);
	if (reason != DROP_NONE) {
		packet->drop_reason = (uint16_t)reason;
		return INNER_FRAGMENT_DROP;
	}
	for (size_t i = 0; i < *count; i++)
		out[i]->is_inner = true;
	return INNER_FRAGMENT_SEAL;
}

static uint16_t inner_fragment_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				     uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		struct packet *pieces[IP_FRAGMENTS_MAX];
		size_t made = 0;

		if (inner_fragment_step(worker, objs[i], pieces, &made) == INNER_FRAGMENT_DROP)
			rte_node_enqueue_x1(graph, node, INNER_FRAGMENT_DROP, objs[i]);
		for (size_t piece = 0; piece < made; piece++)
			rte_node_enqueue_x1(graph, node, INNER_FRAGMENT_SEAL, pieces[piece]);
	}
	return count;
}

NODE_REGISTER(inner_fragment, "sk_esp_seal", "sk_drop")
