/*
 * In: a final response that came back changed, its request's leg found.
 * Out: a 502 in its stead; for a 2xx to INVITE also the requests that end the call: to esp_seal,
 * clear_out or to_peer_tls.
 * Drops: where no buffer is left, or the leg's link is down.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/packet_pool.h"
#include "dataplane/rules/hang_up.h"
#include "dataplane/rules/reply.h"

#include "dataplane/nodes/forbid.h"

/* Bytes that what is made from a response may have more than it. */
#define EXTRA_BYTES 512

static enum bad_gateway_edge edge_of(struct packet *packet, enum rules_output output)
{
	switch (output) {
	case RULES_OUTPUT_SA:
		return BAD_GATEWAY_TO_ESP_SEAL;
	case RULES_OUTPUT_CLEAR:
		return BAD_GATEWAY_TO_CLEAR_OUT;
	case RULES_OUTPUT_TLS:
		return BAD_GATEWAY_TO_PEER_TLS;
	default:
		packet->drop_reason = DROP_sip_response_gone;
		return BAD_GATEWAY_TO_DROP;
	}
}

static size_t room_of(const struct packet *packet)
{
	size_t room = (size_t)packet->message->len + EXTRA_BYTES;

	return room < LIMIT_SIP_MESSAGE_BYTES ? room : LIMIT_SIP_MESSAGE_BYTES;
}

/* One request of our own in a context of its own; NULL: the 2xx's retransmission tries again. */
static struct packet *request_make(struct worker *worker, const struct packet *packet,
				   unsigned which, enum bad_gateway_edge *edge)
{
	struct rte_mbuf *output;
	struct writer w = {0};
	struct packet *made;
	struct link to;

	if (packet_output_begin(worker, room_of(packet), &output, &w.at, &w.cap) != RESULT_OK)
		return NULL;
	made = hang_up_write(packet->rules, which, &to, &w) == RESULT_OK
		       ? packet_take(worker->packets, output)
		       : NULL;
	if (!made) {
		packet_output_cancel(output);
		return NULL;
	}
	output->data_len = (uint16_t)w.len;
	output->pkt_len = (uint32_t)w.len;
	made->port = packet->port;
	made->sip = slice_make(w.at, w.len);
	*edge = edge_of(made, rules_output_to(worker, made, &to));
	return made;
}

enum bad_gateway_edge bad_gateway_step(struct worker *worker, struct packet *packet)
{
	struct rte_mbuf *output;
	struct writer w = {0};

	packet->drop_reason = DROP_sip_no_room;
	if (packet_output_begin(worker, room_of(packet), &output, &w.at, &w.cap) != RESULT_OK)
		return BAD_GATEWAY_TO_DROP;
	if (bad_gateway_write(packet->rules, &w) != RESULT_OK) {
		packet_output_cancel(output);
		return BAD_GATEWAY_TO_DROP;
	}
	packet_output_end(packet, output, w.len);
	return edge_of(packet, rules_output_to(worker, packet, &packet->rules->egress));
}

unsigned bad_gateway_hang_up(struct worker *worker, const struct packet *packet,
			     struct packet *made[BAD_GATEWAY_REQUESTS],
			     enum bad_gateway_edge edge[BAD_GATEWAY_REQUESTS])
{
	unsigned wanted = hang_up_count(packet->rules), count = 0;

	for (unsigned which = 0; which < wanted; which++) {
		made[count] = request_make(worker, packet, which, &edge[count]);
		if (made[count])
			count++;
	}
	return count;
}

/* The requests are made first: the 502 takes the place of the response they are made from. */
static uint16_t bad_gateway_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
				  uint16_t count)
{
	struct worker *worker = node_worker(node);

	for (uint16_t i = 0; i < count; i++) {
		enum bad_gateway_edge edge[BAD_GATEWAY_REQUESTS];
		struct packet *made[BAD_GATEWAY_REQUESTS];
		unsigned more = bad_gateway_hang_up(worker, objs[i], made, edge);

		rte_node_enqueue_x1(graph, node, (rte_edge_t)bad_gateway_step(worker, objs[i]),
				    objs[i]);
		for (unsigned j = 0; j < more; j++)
			rte_node_enqueue_x1(graph, node, (rte_edge_t)edge[j], made[j]);
	}
	return count;
}

NODE_REGISTER(bad_gateway, "sk_esp_seal", "sk_clear_out", "sk_to_peer_tls", "sk_drop")
