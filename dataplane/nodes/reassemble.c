/*
 * In: fragments of ESP and of UDP for us from addresses that SAs go to, as frames.
 * Out: the whole datagrams, as frames, back to classify.
 * Drops: buffers_exhausted, fragment_first, fragment_late, fragment_overlap, ip_header.
 */
#include "dataplane/nodes/reassemble.h"

#include <netinet/in.h>

#include <rte_ether.h>

#include "dataplane/bounds.h"
#include "dataplane/drop_reason.h"
#include "dataplane/figure.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/reassembly.h"
#include "dataplane/nodes/forbid.h"

/* SPI, sequence number, IV. */
#define ESP_START_BYTES 16

static enum reassemble_edge drop(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return REASSEMBLE_DROP;
}

/* The datagram in place of the last fragment, under that one's Ethernet header. */
static enum reassemble_edge take_its_place(struct packet *packet, struct rte_mbuf *whole)
{
	const struct rte_ether_hdr *ether =
		rte_pktmbuf_mtod(packet->mbuf, const struct rte_ether_hdr *);
	struct rte_ether_hdr *to =
		(struct rte_ether_hdr *)(void *)rte_pktmbuf_prepend(whole, sizeof(*to));

	*to = *ether;
	whole->port = packet->mbuf->port;
	rte_pktmbuf_free(packet->mbuf);
	packet->mbuf = whole;
	return REASSEMBLE_CLASSIFY;
}

void reassemble_late_count(struct worker *worker)
{
	uint64_t more = reassembly_late_take(worker->reassembly);

	if (more > 0)
		figure_add(&worker->drops[DROP_fragment_late], more);
}

enum reassemble_edge reassemble_step(struct worker *worker, struct packet *packet)
{
	const uint8_t *ip =
		rte_pktmbuf_mtod_offset(packet->mbuf, const uint8_t *, packet->l3_offset);
	size_t length = (size_t)packet->mbuf->data_len - packet->l3_offset;
	enum drop_reason reason;
	struct ip_header header;
	struct rte_mbuf *whole;
	size_t least;

	if (ip_header_parse(ip, length, &header) != RESULT_OK)
		return drop(packet, DROP_ip_header);
	least = ESP_START_BYTES + (header.protocol == IPPROTO_UDP ? UDP_HEADER_BYTES : 0);
	if (header.is_first_fragment && (size_t)header.length - header.payload < least)
		return drop(packet, DROP_fragment_first);
	switch (reassembly_take(worker->reassembly, 0, ip, &header, worker->now_ms, &whole,
				&reason)) {
	case RESULT_OK:
		reassemble_late_count(worker);
		return take_its_place(packet, whole);
	case RESULT_MORE:
		reassemble_late_count(worker);
		rte_pktmbuf_free(packet->mbuf);
		return REASSEMBLE_KEPT;
	default:
		return drop(packet, reason);
	}
}

static uint16_t reassemble_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				 uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		enum reassemble_edge edge = reassemble_step(worker, objs[i]);

		if (edge == REASSEMBLE_KEPT)
			packet_put(worker->packets, objs[i]);
		else
			rte_node_enqueue_x1(graph, node, (rte_edge_t)edge, objs[i]);
	}
	return count;
}

NODE_REGISTER(reassemble, "sk_classify", "sk_drop")
