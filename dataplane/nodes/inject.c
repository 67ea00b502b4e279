/*
 * In: the control lcore's ring: SIP of the control plane, SIP that it lets in (proved by digest, or
 *     of a peer over TLS), frames of the kernel, packets whose next hop has become known, questions
 *     about paths.
 * Out: SIP and questions by an SA to esp_seal, SIP in the clear to clear_out, what comes in to sip_parse, the rest
 *      to tx.
 * Drops: none; what there are no contexts for stays in the ring.
 *
 * While frames wait for a port only one is taken a millisecond: what terminals send each other has the
 * port nearly to itself, the control plane is held up, not its answers thrown away, and however long that
 * lasts neighbours are still answered.
 */
#include "dataplane/nodes/inject.h"

#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/esp/probe.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/tx.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/nodes/forbid.h"

static enum inject_edge let_in(struct packet *packet, const struct mbuf_note *note)
{
	packet->origin = note->origin;
	packet->port = note->port;
	packet->peer_index = note->peer_index;
	packet->is_proved = note->origin == CONTRACT_ORIGIN_CLEAR;
	packet->source = packet->outer_source = note->source;
	packet->destination = packet->outer_destination = note->destination;
	packet->sip = slice_make(rte_pktmbuf_mtod(packet->mbuf, char *), packet->mbuf->data_len);
	return INJECT_SIP_PARSE;
}

/* By the table's engine, which every worker can verify with: who opens the answer is not known. */
static enum inject_edge path_ask(const struct worker *worker, struct packet *packet,
				 const struct mbuf_note *note)
{
	packet->egress = (struct egress){.origin = CONTRACT_ORIGIN_SA,
					 .sa_handle = note->sa_handle};
	packet->is_inner = true;
	packet->is_probe = true;
	esp_probe_ask_path(worker->tables->sas->engine, note->sa_handle, note->path_bytes,
			   worker->now_s, rte_pktmbuf_mtod(packet->mbuf, uint8_t *));
	return INJECT_ESP_SEAL;
}

enum inject_edge inject_step(struct worker *worker, struct packet *packet)
{
	const struct mbuf_note *note = mbuf_note(packet->mbuf);

	if (note->kind == MBUF_NOTE_ENTER)
		return let_in(packet, note);
	if (note->kind == MBUF_NOTE_PATH)
		return path_ask(worker, packet, note);
	packet->egress = (struct egress){
		.origin = note->origin,
		.port = note->port,
		.sa_handle = note->sa_handle,
		.source = note->source,
		.destination = note->destination,
	};
	packet->is_framed = note->kind == MBUF_NOTE_FRAME;
	if (note->kind != MBUF_NOTE_SIP)
		return INJECT_TX;
	return note->origin == CONTRACT_ORIGIN_SA ? INJECT_ESP_SEAL : INJECT_CLEAR_OUT;
}

/* How many may be taken this walk. */
static unsigned share(struct worker *worker)
{
	if (worker->frames_waiting == 0 || !tx_waiting_send(worker))
		return SOURCE_BURST;
	if (worker->now_tsc - worker->injected_tsc < worker->patience_tsc / SEND_PATIENCE_MS)
		return 0;
	worker->injected_tsc = worker->now_tsc;
	return 1;
}

static uint16_t inject_burst(struct rte_graph *graph, struct rte_node *node, void **objs,
			     uint16_t count)
{
	struct worker *worker = node_worker(node);
	size_t room = packet_pool_free_count(worker->packets);
	struct rte_mbuf *mbufs[SOURCE_BURST];
	unsigned taken;

	(void)objs;
	(void)count;
	taken = rte_ring_dequeue_burst(worker->injected, (void **)mbufs,
				       (unsigned)RTE_MIN(room, (size_t)share(worker)), NULL);
	for (unsigned i = 0; i < taken; i++) {
		struct packet *packet = packet_take(worker->packets, mbufs[i]);

		rte_node_enqueue_x1(graph, node, (rte_edge_t)inject_step(worker, packet), packet);
	}
	worker->taken += taken;
	return (uint16_t)taken;
}

NODE_REGISTER_SOURCE(inject, "sk_esp_seal", "sk_clear_out", "sk_tx", "sk_sip_parse")
