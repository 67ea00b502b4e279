/*
 * In: inner IP fragments, each opened and authentic, with their SA.
 * Out: the SIP payload of the whole datagram, tagged with the SA, to sip_parse.
 * Drops: buffers_exhausted, esp_sa_gone, esp_selector, fragment_late, fragment_overlap, ip_header.
 */
#include "dataplane/nodes/inner_reassemble.h"

#include "dataplane/drop_reason.h"
#include "dataplane/esp/open.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/esp_open.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/reassemble.h"
#include "dataplane/reassembly.h"
#include "dataplane/nodes/forbid.h"

static enum inner_reassemble_edge drop(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return INNER_REASSEMBLE_DROP;
}

/* The whole datagram in place of its last fragment: is it what the SA may carry? */
static enum inner_reassemble_edge take_its_place(struct worker *worker, struct packet *packet,
						 struct rte_mbuf *whole)
{
	const struct sa_in *sa = sa_table_find_in(worker->tables->sas, packet->sa_handle);
	enum drop_reason reason;

	rte_pktmbuf_free(packet->mbuf);
	packet->mbuf = whole;
	if (!sa)
		return drop(packet, DROP_esp_sa_gone);
	reason = esp_open_inner(sa, whole);
	if (reason != DROP_NONE)
		return drop(packet, reason);
	esp_open_admit(worker, packet);
	return INNER_REASSEMBLE_SIP;
}

enum inner_reassemble_edge inner_reassemble_step(struct worker *worker, struct packet *packet)
{
	const uint8_t *ip = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	enum drop_reason reason;
	struct ip_header header;
	struct rte_mbuf *whole;

	if (ip_header_parse(ip, packet->mbuf->data_len, &header) != RESULT_OK)
		return drop(packet, DROP_ip_header);
	switch (reassembly_take(worker->reassembly, packet->sa_handle, ip, &header, worker->now_ms,
				&whole, &reason)) {
	case RESULT_OK:
		reassemble_late_count(worker);
		return take_its_place(worker, packet, whole);
	case RESULT_MORE:
		reassemble_late_count(worker);
		rte_pktmbuf_free(packet->mbuf);
		return INNER_REASSEMBLE_KEPT;
	default:
		return drop(packet, reason);
	}
}

static uint16_t inner_reassemble_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				       uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		enum inner_reassemble_edge edge = inner_reassemble_step(worker, objs[i]);

		if (edge == INNER_REASSEMBLE_KEPT)
			packet_put(worker->packets, objs[i]);
		else
			rte_node_enqueue_x1(graph, node, (rte_edge_t)edge, objs[i]);
	}
	return count;
}

NODE_REGISTER(inner_reassemble, "sk_sip_parse", "sk_drop")
