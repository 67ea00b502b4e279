/*
 * In: ESP packets, plain or in UDP, whole and in one buffer.
 * Out: their SIP payload, tagged with the SA, to sip_parse; inner fragments to inner_reassemble;
 * what another worker owns to handoff; probes of outer addresses that may have changed, and
 * answers to terminals that ask for theirs and to gateways that ask about a path, to esp_seal.
 * Drops: esp_*.
 */
#include "dataplane/nodes/esp_open.h"

#include <string.h>

#include "dataplane/drop_reason.h"
#include "dataplane/esp/probe.h"
#include "dataplane/event_ring.h"
#include "dataplane/nodes/node.h"
#include "dataplane/rules/ahead.h"
#include "dataplane/sa_tag.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/nodes/forbid.h"

static void first_packet_tell(struct worker *worker, uint32_t handle)
{
	struct contract_event *event =
		event_ring_begin(worker->events, CONTRACT_EVENT_SA_FIRST_PACKET);

	if (!event)
		return;
	event->sa_index = SA_INDEX(handle);
	event->sa_generation = SA_GENERATION(handle);
	event->time_ms = worker->now_ms;
	event_ring_commit(worker->events);
	worker->is_control_due = true;
}

/* Where it is to stand, at once: one put together elsewhere is waited for when it is copied. */
static void inner_address_set(const struct sa_in *sa, const uint8_t bytes[16], uint16_t port_be16,
			      struct contract_address *out)
{
	out->family = sa->flags & SA_IS_INNER_IPV4 ? 4 : 6;
	out->pad = 0;
	out->port = rte_be_to_cpu_16(port_be16);
	memcpy(out->bytes, bytes, sizeof(out->bytes));
}

void esp_open_admit(const struct worker *worker, struct packet *packet)
{
	const struct sa_in *sa = &worker->tables->sas->in[SA_INDEX(packet->sa_handle)];

	*sa_tag(packet->mbuf, worker->sa_tag_offset) = packet->sa_handle;
	packet->origin = CONTRACT_ORIGIN_SA;
	inner_address_set(sa, sa->inner_remote, sa->inner_remote_port_be16, &packet->source);
	inner_address_set(sa, sa->inner_local, sa->inner_local_port_be16, &packet->destination);
	packet->sip = slice_make(rte_pktmbuf_mtod(packet->mbuf, char *), packet->mbuf->data_len);
}

static struct contract_address outer_address(const struct esp_open_packet *opened)
{
	struct contract_address address = {.family = opened->is_outer_ipv4 ? 4 : 6,
					   .port = rte_be_to_cpu_16(opened->outer_port_be16)};

	memcpy(address.bytes, opened->outer_source, sizeof(address.bytes));
	return address;
}

/* It has answered from there: the control lcore turns the SA to it. */
static void move_tell(struct worker *worker, const struct esp_open_packet *opened)
{
	struct contract_event *event = event_ring_begin(worker->moves, CONTRACT_EVENT_SA_MOVED);

	if (!event)
		return;
	event->sa_index = SA_INDEX(opened->sa_handle);
	event->sa_generation = SA_GENERATION(opened->sa_handle);
	event->time_ms = worker->now_ms;
	event->outer = outer_address(opened);
	event_ring_commit(worker->moves);
	worker->is_control_due = true;
}

/* So long a packet of that SA's has come through. */
static void path_note(const struct worker *worker, const struct esp_open_packet *opened)
{
	struct sa_out *out = sa_table_find_out(worker->tables->sas, opened->path_of);

	if (!out)
		return;
	atomic_store_explicit(&out->path_answered, opened->path_bytes, memory_order_relaxed);
	if (opened->path_bytes > atomic_load_explicit(&out->path_bytes, memory_order_relaxed))
		atomic_store_explicit(&out->path_bytes, opened->path_bytes, memory_order_relaxed);
}

/* A packet of len bytes, to be filled, by that SA. */
static struct packet *dummy_begin(struct worker *worker, uint32_t sa_handle, uint16_t len)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);
	struct packet *dummy;

	if (!mbuf)
		return NULL;
	mbuf->data_off = PACKET_HEADROOM_BYTES;
	dummy = packet_take(worker->packets, mbuf);
	if (!dummy) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	mbuf->data_len = len;
	mbuf->pkt_len = len;
	dummy->egress.origin = CONTRACT_ORIGIN_SA;
	dummy->egress.sa_handle = sa_handle;
	dummy->is_inner = true;
	dummy->is_probe = true;
	return dummy;
}

struct packet *esp_open_probe(struct worker *worker, const struct esp_open_packet *opened)
{
	struct esp_probe_place place = {.port_be16 = opened->outer_port_be16};
	struct packet *dummy;
	uint8_t *content;

	dummy = dummy_begin(worker, opened->sa_handle,
			    opened->is_moved ? ESP_PROBE_BYTES : ESP_WHERE_BYTES);
	if (!dummy)
		return NULL;
	dummy->outer_source = outer_address(opened);
	content = rte_pktmbuf_mtod(dummy->mbuf, uint8_t *);
	memcpy(place.address, opened->outer_source, sizeof(place.address));
	if (opened->is_moved)
		esp_probe_ask(worker->engine, opened->sa_handle, &place, worker->now_s, content);
	else
		esp_where_answer(&place, opened->is_outer_ipv4, opened->cookie, content);
	return dummy;
}

struct packet *esp_open_answer(struct worker *worker, const struct esp_open_packet *opened)
{
	const struct sa_in *sa = &worker->tables->sas->in[SA_INDEX(opened->sa_handle)];
	uint64_t owner = atomic_load_explicit(&sa->owner, memory_order_relaxed);
	const struct peer *peer = peer_table_at(worker->tables->peers, (uint32_t)owner);
	struct packet *dummy;

	if (!peer || peer->sa_out_count == 0)
		return NULL;
	dummy = dummy_begin(worker, peer_sa_out(peer, worker->id), ESP_PROBE_BYTES);
	if (!dummy)
		return NULL;
	memcpy(rte_pktmbuf_mtod(dummy->mbuf, uint8_t *), opened->answer, ESP_PROBE_BYTES);
	return dummy;
}

/* What this packet gives us to say at once, if anything. */
static struct packet *said(struct worker *worker, const struct esp_open_packet *opened)
{
	if (opened->is_moved || opened->is_asking)
		return esp_open_probe(worker, opened);
	return opened->is_path_asked ? esp_open_answer(worker, opened) : NULL;
}

static void news_tell(struct worker *worker, const struct esp_open_packet *opened)
{
	if (opened->is_first)
		first_packet_tell(worker, opened->sa_handle);
	if (opened->is_confirmed)
		move_tell(worker, opened);
	if (opened->path_bytes != 0)
		path_note(worker, opened);
}

enum esp_open_edge esp_open_step(struct worker *worker, struct packet *packet,
				 const struct esp_open_packet *opened)
{
	packet->mbuf = opened->mbuf;
	packet->sa_handle = opened->sa_handle;
	if (opened->news != 0)
		news_tell(worker, opened);
	if (opened->verdict == ESP_OPEN_PASS) {
		esp_open_admit(worker, packet);
		return ESP_OPEN_EDGE_SIP;
	}
	if (opened->verdict == ESP_OPEN_HANDOFF)
		return ESP_OPEN_EDGE_HANDOFF;
	if (opened->verdict == ESP_OPEN_FRAGMENT)
		return ESP_OPEN_EDGE_FRAGMENT;
	packet->drop_reason = (uint16_t)opened->reason;
	return ESP_OPEN_EDGE_DROP;
}

/* The bindings of those who sent, for sip_parse. */
static void senders_look(const struct worker *worker, const struct esp_open_packet *opened,
			 uint16_t count)
{
	const struct binding_table *bindings = worker->tables->bindings;
	uint32_t index[ESP_BURST];

	for (uint16_t i = 0; i < count; i++) {
		const struct sa_in *sa = &worker->tables->sas->in[SA_INDEX(opened[i].sa_handle)];

		index[i] = 0;
		if (opened[i].verdict == ESP_OPEN_PASS && sa->owner_kind == CONTRACT_OWNER_TERMINAL)
			index[i] = (uint32_t)atomic_load_explicit(&sa->owner, memory_order_relaxed);
		ahead_slot(bindings, index[i]);
	}
	for (uint16_t i = 0; i < count; i++)
		ahead_binding_touch(bindings, index[i]);
}

/* Open up to ESP_BURST packets and send them on their way. */
static void some_open(struct rte_graph *graph, struct rte_node *node, struct esp_open *opener,
		      void **objs, uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct esp_open_packet opened[ESP_BURST];
	struct node_run run = {0};

	for (uint16_t i = 0; i < count; i++)
		opened[i].mbuf = ((struct packet *)objs[i])->mbuf;
	esp_open_burst(opener, opened, count);
	senders_look(worker, opened, count);
	for (uint16_t i = 0; i < count; i++) {
		struct packet *probe = opened[i].news != 0 ? said(worker, &opened[i]) : NULL;

		if (probe)
			rte_node_enqueue_x1(graph, node, ESP_OPEN_EDGE_PROBE, probe);
		node_run_add(graph, node, objs, i,
			     (rte_edge_t)esp_open_step(worker, objs[i], &opened[i]), &run);
	}
	node_run_end(graph, node, objs, count, &run);
}

static uint16_t esp_open_burst_all(struct rte_graph *graph, struct rte_node *node, void **objs,
				   uint16_t count)
{
	struct worker *worker = node_worker(node);
	struct esp_open opener = {.table = worker->tables->sas,
				  .engine = worker->engine,
				  .worker = (uint16_t)worker->id,
				  .now_s = worker->now_s};

	for (uint16_t at = 0; at < count; at = (uint16_t)(at + ESP_BURST))
		some_open(graph, node, &opener, &objs[at],
			  (uint16_t)RTE_MIN(count - at, ESP_BURST));
	return count;
}

const struct rte_node_register esp_open_node = {
	.name = "sk_esp_open",
	.process = esp_open_burst_all,
	.nb_edges = 5,
	.next_nodes = {"sk_sip_parse", "sk_handoff", "sk_inner_reassemble", "sk_esp_seal",
		       "sk_drop"},
};
