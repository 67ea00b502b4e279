/*
 * In: IP packets of ours that are longer than their path carries.
 * Out: their fragments to tx.
 * Drops: buffers_exhausted, packet_too_long.
 */
#include "dataplane/nodes/fragment.h"

#include "dataplane/bounds.h"
#include "dataplane/io/port.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/forbid.h"

#define IPV4_DF 0x40 /* in byte 6 */

uint16_t fragment_mtu(const struct worker *worker, uint8_t port, const uint8_t *ip)
{
	bool may_be_cut = ip[0] >> 4 == 4 && (ip[6] & IPV4_DF) == 0;

	return may_be_cut ? worker->tables->ports->ports[port].mtu : PATH_MTU_BYTES;
}

bool fragment_is_needed(const struct worker *worker, const struct packet *packet)
{
	const uint8_t *ip = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);

	return packet->mbuf->data_len > fragment_mtu(worker, packet->egress.port, ip);
}

static void give_back(struct worker *worker, struct packet *packet)
{
	rte_pktmbuf_free(packet->mbuf);
	packet_put(worker->packets, packet);
}

/* An empty buffer with a context, to leave as `like` does. */
static struct packet *fragment_begin(struct worker *worker, const struct packet *like)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);
	struct packet *packet;

	if (!mbuf)
		return NULL;
	mbuf->data_off = PACKET_HEADROOM_BYTES;
	packet = packet_take(worker->packets, mbuf);
	if (!packet) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	packet->egress = like->egress;
	return packet;
}

enum drop_reason fragment_cut(struct worker *worker, struct packet *packet, uint16_t mtu,
			      struct packet *out[IP_FRAGMENTS_MAX], size_t *count)
{
	const uint8_t *ip = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	size_t length = packet->mbuf->data_len, needed = ip_fragment_count(ip, length, mtu);

	if (needed == 0)
		return DROP_packet_too_long;
	/* Every worker its own numbers, so that no two datagrams meet. */
	worker->fragment_id += worker->sibling_count;
	for (size_t i = 0; i < needed; i++) {
		struct packet *piece = fragment_begin(worker, packet);

		if (!piece) {
			while (i > 0)
				give_back(worker, out[--i]);
			return DROP_buffers_exhausted;
		}
		piece->mbuf->data_len =
			(uint16_t)ip_fragment_write(ip, length, mtu, i, worker->fragment_id,
						    rte_pktmbuf_mtod(piece->mbuf, uint8_t *));
		piece->mbuf->pkt_len = piece->mbuf->data_len;
		out[i] = piece;
	}
	give_back(worker, packet);
	*count = needed;
	return DROP_NONE;
}

enum fragment_edge fragment_step(struct worker *worker, struct packet *packet,
				 struct packet *out[IP_FRAGMENTS_MAX], size_t *count)
{
	const uint8_t *ip = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	uint16_t mtu = fragment_mtu(worker, packet->egress.port, ip);
	enum drop_reason reason = fragment_cut(worker, packet, mtu, out, count);

	if (reason == DROP_NONE)
		return FRAGMENT_TX;
	packet->drop_reason = (uint16_t)reason;
	return FRAGMENT_DROP;
}

static uint16_t fragment_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			       uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		struct packet *pieces[IP_FRAGMENTS_MAX];
		size_t made = 0;

		if (fragment_step(worker, objs[i], pieces, &made) == FRAGMENT_DROP)
			rte_node_enqueue_x1(graph, node, FRAGMENT_DROP, objs[i]);
		for (size_t piece = 0; piece < made; piece++)
			rte_node_enqueue_x1(graph, node, FRAGMENT_TX, pieces[piece]);
	}
	return count;
}

NODE_REGISTER(fragment, "sk_tx", "sk_drop")
