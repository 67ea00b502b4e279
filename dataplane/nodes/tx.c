/*
 * In: IP packets and whole frames for packet->egress.port.
 * Out: frames to the port; packets whose next hop's MAC is not known to unresolved.
 * Drops: next_hop_unknown, no_headroom, port_busy.
 *
 * What a port does not take waits for it, up to a bound (send_queue.h), and goes out at the
 * beginning of a later walk, by inject; emergency calls before all others.
 */
#include "dataplane/nodes/tx.h"

#include <string.h>

#include "dataplane/drop_reason.h"
#include "dataplane/figure.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/send_queue.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/forbid.h"

#define TX_BURST 64

static enum tx_edge drop(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return TX_DROP;
}

/* Filled where it stands: a copy of what has just been put together would be waited for. */
static void destination_get(const uint8_t *ip, struct contract_address *out)
{
	out->pad = 0;
	out->port = 0;
	if (ip[0] >> 4 == 4) {
		out->family = 4;
		memset(out->bytes, 0, sizeof(out->bytes));
		memcpy(out->bytes, ip + 16, 4);
	} else {
		out->family = 6;
		memcpy(out->bytes, ip + 24, 16);
	}
}

/* Field by field: a header written in front of a message that was cut to size may stand anywhere.
 */
static void ether_put(uint8_t *frame, const struct rte_ether_addr *to,
		      const struct rte_ether_addr *from, uint8_t family)
{
	const rte_be16_t type =
		family == 4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4) : RTE_BE16(RTE_ETHER_TYPE_IPV6);

	memcpy(frame, to, RTE_ETHER_ADDR_LEN);
	memcpy(frame + RTE_ETHER_ADDR_LEN, from, RTE_ETHER_ADDR_LEN);
	memcpy(frame + 2 * RTE_ETHER_ADDR_LEN, &type, sizeof(type));
}

enum tx_edge tx_step(struct worker *worker, struct packet *packet)
{
	const struct tables *tables = worker->tables;
	struct contract_address destination, neighbour;
	struct rte_ether_addr mac;
	uint8_t *frame;
	enum result result;

	if (packet->is_framed)
		return TX_SEND;
	destination_get(rte_pktmbuf_mtod(packet->mbuf, const uint8_t *), &destination);
	result = next_hop_find(tables->next_hops, packet->egress.port, &destination, &neighbour,
			       &mac);
	if (result == RESULT_MORE) {
		packet->egress.destination = neighbour;
		return TX_UNRESOLVED;
	}
	if (result != RESULT_OK)
		return drop(packet, DROP_next_hop_unknown);
	frame = (uint8_t *)rte_pktmbuf_prepend(packet->mbuf, sizeof(struct rte_ether_hdr));
	if (!frame)
		return drop(packet, DROP_no_headroom);
	ether_put(frame, &mac, &tables->ports->ports[packet->egress.port].mac, destination.family);
	return TX_SEND;
}

static struct send_way way_of(const struct worker *worker, uint16_t port)
{
	return (struct send_way){
		.ethdev = worker->tables->ports->ports[port].ethdev,
		.queue = (uint16_t)worker->id,
		.room = worker->send_room,
		.now_tsc = worker->now_tsc,
		.patience_tsc = worker->patience_tsc,
	};
}

/* What has waited too long waits no more. Returns whether what is left is worth waiting for. */
static bool port_waiting_send(struct worker *worker, uint16_t port)
{
	struct send_queue *queue = &worker->send_queues[port];
	const struct send_way way = way_of(worker, port);
	uint32_t before = send_queue_count(queue), forgotten = 0;

	if (before == 0)
		return false;
	send_queue_flush(queue, &way);
	if (send_queue_is_stuck(queue, &way))
		forgotten = send_queue_forget(queue);
	figure_add(&worker->drops[DROP_port_busy], forgotten);
	worker->frames_waiting -= before - send_queue_count(queue);
	return send_queue_count(queue) > 0;
}

bool tx_waiting_send(struct worker *worker)
{
	bool is_any = false;

	for (uint16_t port = 0; port < worker->tables->ports->count; port++)
		is_any = port_waiting_send(worker, port) || is_any;
	return is_any;
}

/* Do they go by one port and in one lane? */
static bool is_alike(const struct packet *a, const struct packet *b)
{
	return a->egress.port == b->egress.port && a->egress.is_urgent == b->egress.is_urgent;
}

/* Send what stands in a row for one port; what the port does not take waits, or is dropped. */
static void frames_send(struct rte_graph *graph, struct rte_node *node, struct packet **packets,
			uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct rte_mbuf *mbufs[TX_BURST];
	struct send_queue *queue;
	struct send_way way;
	uint32_t before;
	uint16_t sent;

	if (count == 0)
		return;
	for (uint16_t i = 0; i < count; i++)
		mbufs[i] = packets[i]->mbuf;
	way = way_of(worker, packets[0]->egress.port);
	queue = &worker->send_queues[packets[0]->egress.port];
	before = send_queue_count(queue);
	sent = send_queue_put(queue, &way, mbufs, count, packets[0]->egress.is_urgent);
	if (packets[0]->egress.is_urgent)
		figure_add(&worker->frames_urgent, sent);
	worker->frames_waiting += send_queue_count(queue) - before;
	for (uint16_t i = 0; i < sent; i++)
		packet_put(worker->packets, packets[i]);
	for (uint16_t i = sent; i < count; i++) {
		packets[i]->drop_reason = DROP_port_busy;
		rte_node_enqueue_x1(graph, node, TX_DROP, packets[i]);
	}
}

static uint16_t tx_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			 uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct packet *row[TX_BURST];
	uint16_t in_row = 0;

	for (uint16_t i = 0; i < count; i++) {
		struct packet *packet = objs[i];
		enum tx_edge edge = tx_step(worker, packet);

		if (edge != TX_SEND) {
			rte_node_enqueue_x1(graph, node, (rte_edge_t)edge, packet);
			continue;
		}
		if (in_row == TX_BURST || (in_row > 0 && !is_alike(row[0], packet))) {
			frames_send(graph, node, row, in_row);
			in_row = 0;
		}
		row[in_row++] = packet;
	}
	frames_send(graph, node, row, in_row);
	return count;
}

NODE_REGISTER(tx, "sk_unresolved", "sk_drop")
