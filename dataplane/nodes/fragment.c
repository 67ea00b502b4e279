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
#include "dataplane/tables/sa_table.h"
#include "dataplane/nodes/forbid.h"

#define IPV4_DF 0x40 /* in byte 6 */

uint16_t fragment_path(const struct worker *worker, const struct packet *packet)
{
	struct sa_out *sa = sa_table_find_out(worker->tables->sas, packet->egress.sa_handle);

	if (!sa)
		return PATH_MTU_BYTES;
	if (atomic_load_explicit(&sa->is_path_wanted, memory_order_relaxed) == 0)
		atomic_store_explicit(&sa->is_path_wanted, 1, memory_order_relaxed);
	return atomic_load_explicit(&sa->path_bytes, memory_order_relaxed);
}

/* What leaves outside any SA: IPv4 without DF may be cut on the way. */
static uint16_t clear_path(const struct worker *worker, const struct packet *packet)
{
	const uint8_t *ip = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	bool may_be_cut = ip[0] >> 4 == 4 && (ip[6] & IPV4_DF) == 0;

	return may_be_cut ? worker->tables->ports->ports[packet->egress.port].mtu : PATH_MTU_BYTES;
}

static uint16_t path_of(const struct worker *worker, const struct packet *packet)
{
	return packet->egress.origin == CONTRACT_ORIGIN_SA ? fragment_path(worker, packet)
							   : clear_path(worker, packet);
}

bool fragment_is_needed(const struct worker *worker, const struct packet *packet)
{
	/* The usual packet fits every path; a probe is to find out what its path carries. */
	return packet->mbuf->data_len > sa_table_narrowest_path(worker->tables->sas) &&
	       !packet->is_probe && packet->mbuf->data_len > path_of(worker, packet);
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
	enum drop_reason reason =
		fragment_cut(worker, packet, path_of(worker, packet), out, count);

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
