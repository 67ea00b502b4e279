#include "tests/unit/rules/node_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_eal.h>
#include <rte_mbuf.h>

#include "dataplane/eal_init.h"
#include "dataplane/packet_pool.h"

#define SMALL_BUFFER_BYTES 2304
#define LARGE_BUFFER_BYTES 18432
#define PEER_SA		   40u

static void eal_start(void)
{
	static char *arguments[] = {"node_kit",
				    "--no-huge",
				    "-m",
				    "64",
				    "--no-pci",
				    "--no-shconf",
				    "--no-telemetry",
				    "--file-prefix",
				    "sekisho-node-kit",
				    "--log-level",
				    "lib.eal:error",
				    "-l",
				    "0",
				    NULL};

	if (eal_init((int)(sizeof(arguments) / sizeof(arguments[0])) - 1, arguments) < 0)
		abort();
}

static struct rte_mempool *pool_make(const char *name, unsigned count, uint16_t bytes)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		name, count, 0, 0, (uint16_t)(bytes + RTE_PKTMBUF_HEADROOM), SOCKET_ID_ANY);

	if (!pool)
		abort();
	return pool;
}

/* The inbound half that says who a sender is. */
static void sa_set(struct node_kit *kit, uint32_t index, uint8_t owner_kind, uint32_t owner)
{
	struct sa_in *sa = &kit->sas.in[index];
	uint64_t generation = owner_kind == CONTRACT_OWNER_TERMINAL ? 1 : 0;

	sa->owner_kind = owner_kind;
	sa->level = 3;
	atomic_store(&sa->owner, generation << 32 | owner);
}

struct node_kit *node_kit_create(void)
{
	struct node_kit *kit = aligned_alloc(_Alignof(struct node_kit), sizeof(*kit));

	if (!kit)
		abort();
	memset(kit, 0, sizeof(*kit));
	eal_start();
	kit->gateway = example_kit_create();
	kit->sas.in = aligned_alloc(64, 64 * sizeof(struct sa_in));
	if (!kit->sas.in)
		abort();
	memset(kit->sas.in, 0, 64 * sizeof(struct sa_in));
	kit->sas.capacity = 64;
	sa_set(kit, 1, CONTRACT_OWNER_TERMINAL, 1);
	sa_set(kit, 2, CONTRACT_OWNER_TERMINAL, 2);
	sa_set(kit, PEER_SA, CONTRACT_OWNER_PEER, 1);
	kit->gateway->tables.sas = &kit->sas;
	kit->worker.tables = &kit->gateway->tables;
	kit->worker.events = kit->gateway->events;
	kit->worker.small_buffers = pool_make("small", 64, SMALL_BUFFER_BYTES);
	kit->worker.large_buffers = pool_make("large", 16, LARGE_BUFFER_BYTES);
	if (packet_pool_create(8, sizeof(struct packet_rules), SOCKET_ID_ANY,
			       &kit->worker.packets) != RESULT_OK)
		abort();
	kit->packet.message = &kit->message;
	kit->packet.rules = &kit->rules;
	return kit;
}

static void made_drop(struct node_kit *kit)
{
	while (kit->made_count > 0) {
		struct packet *made = kit->made[--kit->made_count];

		rte_pktmbuf_free(made->mbuf);
		packet_put(kit->worker.packets, made);
	}
}

void node_kit_destroy(struct node_kit *kit)
{
	made_drop(kit);
	packet_pool_destroy(kit->worker.packets);
	rte_pktmbuf_free(kit->packet.mbuf);
	assert_int_equal(rte_mempool_in_use_count(kit->worker.small_buffers), 0);
	assert_int_equal(rte_mempool_in_use_count(kit->worker.large_buffers), 0);
	rte_mempool_free(kit->worker.small_buffers);
	rte_mempool_free(kit->worker.large_buffers);
	gateway_kit_destroy(kit->gateway);
	free(kit->sas.in);
	free(kit);
	rte_eal_cleanup();
}

/* A packet as esp_open or clear_in leaves it: the message somewhere in a received buffer. */
static void packet_fill(struct node_kit *kit, const struct sip_address *source,
			const struct text *text)
{
	struct rte_mempool *pool = text->length + 300 > SMALL_BUFFER_BYTES
					   ? kit->worker.large_buffers
					   : kit->worker.small_buffers;
	struct packet *packet = &kit->packet;
	char *at;

	rte_pktmbuf_free(packet->mbuf);
	packet->mbuf = rte_pktmbuf_alloc(pool);
	assert_non_null(packet->mbuf);
	at = rte_pktmbuf_append(packet->mbuf, (uint16_t)(text->length + 90));
	assert_non_null(at);
	memcpy(at + 70, text->bytes, text->length);
	packet->sip = slice_make(at + 70, text->length);
	packet->source = kit_contract_address(source);
	packet->destination = kit_contract_address(&kit->gateway->address);
	packet->drop_reason = 0;
	packet->status = 0;
	packet->is_proved = false;
	packet->peer_index = 0;
	memset(&packet->egress, 0, sizeof(packet->egress));
}

static bool is_answered(const struct node_trace *trace)
{
	return trace->sip_parse == SIP_PARSE_TO_REPLY || trace->from_check == FROM_CHECK_TO_REPLY ||
	       trace->hop_check == HOP_CHECK_TO_REPLY || trace->dialog == DIALOG_TO_REPLY ||
	       trace->policy == POLICY_TO_REPLY || trace->locate == LOCATE_TO_REPLY ||
	       trace->rewrite == REWRITE_TO_REPLY;
}

static void request_pass(struct node_kit *kit)
{
	struct node_trace *trace = &kit->trace;
	struct packet *packet = &kit->packet;
	struct worker *worker = &kit->worker;

	trace->from_check = (int)from_check_step(worker, packet);
	if (trace->from_check != FROM_CHECK_TO_HOP_CHECK)
		return;
	trace->hop_check = (int)hop_check_step(worker, packet);
	if (trace->hop_check != HOP_CHECK_TO_DIALOG)
		return;
	trace->dialog = (int)dialog_step(worker, packet);
	if (trace->dialog == DIALOG_TO_POLICY) {
		trace->policy = (int)policy_step(worker, packet);
		if (trace->policy != POLICY_TO_LOCATE)
			return;
		trace->locate = (int)locate_step(worker, packet);
		if (trace->locate != LOCATE_TO_REWRITE)
			return;
	} else if (trace->dialog != DIALOG_TO_REWRITE) {
		return;
	}
	trace->rewrite = (int)rewrite_step(worker, packet);
}

static void packet_pass(struct node_kit *kit)
{
	struct node_trace *trace = &kit->trace;
	void *packets[] = {&kit->packet};

	made_drop(kit);
	memset(trace, 0xff, sizeof(*trace));
	kit->worker.now_ms = kit->gateway->now_ms;
	kit->worker.now_s = kit->gateway->now_ms / 1000;
	sip_parse_look(&kit->worker, packets, 1);
	trace->sip_parse = (int)sip_parse_step(&kit->worker, &kit->packet);
	if (trace->sip_parse == SIP_PARSE_TO_FROM_CHECK)
		request_pass(kit);
	else if (trace->sip_parse == SIP_PARSE_TO_RESPONSE)
		trace->response = (int)response_step(&kit->worker, &kit->packet);
	if (trace->response == RESPONSE_TO_BAD_GATEWAY) {
		kit->made_count =
			bad_gateway_hang_up(&kit->worker, &kit->packet, kit->made, kit->made_edge);
		trace->bad_gateway = (int)bad_gateway_step(&kit->worker, &kit->packet);
	}
	if (is_answered(trace))
		trace->reply = (int)reply_step(&kit->worker, &kit->packet);
}

void node_kit_send(struct node_kit *kit, enum example_sender by, const struct text *text)
{
	struct sip_address source =
		by == BY_PEER
			? peer_table_at(&kit->gateway->peers, 1)->address[0]
			: kit_address(by == BY_TERMINAL_1 ? "2001:1234::10" : "2001:1234::e", 5060);

	kit->packet.origin = CONTRACT_ORIGIN_SA;
	kit->packet.sa_handle = SA_HANDLE(by == BY_PEER ? PEER_SA : (uint32_t)by, 1u);
	packet_fill(kit, &source, text);
	packet_pass(kit);
}

void node_kit_send_clear(struct node_kit *kit, const char *address, const struct text *text)
{
	struct sip_address source = kit_address(address, 5060);

	kit->packet.origin = CONTRACT_ORIGIN_CLEAR;
	kit->packet.sa_handle = 0;
	kit->packet.port = 0;
	packet_fill(kit, &source, text);
	packet_pass(kit);
}

void node_kit_enter_proved(struct node_kit *kit, const char *address, const struct text *text)
{
	struct sip_address source = kit_address(address, 5060);

	kit->packet.origin = CONTRACT_ORIGIN_CLEAR;
	kit->packet.sa_handle = 0;
	kit->packet.port = 0;
	packet_fill(kit, &source, text);
	kit->packet.is_proved = true;
	packet_pass(kit);
}

void node_kit_enter_tls(struct node_kit *kit, uint8_t peer_index, const char *address,
			const struct text *text)
{
	struct sip_address source = kit_address(address, 40000);

	kit->packet.origin = CONTRACT_ORIGIN_PEER;
	kit->packet.sa_handle = 0;
	packet_fill(kit, &source, text);
	kit->packet.peer_index = peer_index;
	packet_pass(kit);
}

static void expect_starts(const struct packet *packet, const char *start)
{
	assert_ptr_equal(rte_pktmbuf_mtod(packet->mbuf, char *), packet->sip.at);
	assert_int_equal(packet->mbuf->data_len, packet->sip.len);
	assert_memory_equal(packet->sip.at, start, strlen(start));
}

void node_kit_expect_tls(struct node_kit *kit, uint8_t peer_index, const char *start)
{
	assert_int_equal(kit->packet.egress.origin, CONTRACT_ORIGIN_PEER);
	assert_int_equal(kit->packet.egress.peer_index, peer_index);
	expect_starts(&kit->packet, start);
}

static void expect_sealed(const struct packet *packet, uint32_t sa_index, const char *start)
{
	assert_int_equal(packet->egress.origin, CONTRACT_ORIGIN_SA);
	assert_int_equal(packet->egress.sa_handle, SA_HANDLE(sa_index, 1u));
	assert_ptr_equal(rte_pktmbuf_mtod(packet->mbuf, const char *), packet->sip.at);
	assert_int_equal(rte_pktmbuf_pkt_len(packet->mbuf), packet->sip.len);
	assert_int_equal(rte_pktmbuf_data_len(packet->mbuf), packet->sip.len);
	assert_true(rte_pktmbuf_headroom(packet->mbuf) >= PACKET_HEADROOM_BYTES);
	assert_true(rte_pktmbuf_tailroom(packet->mbuf) >= PACKET_TAILROOM_BYTES);
	assert_true(packet->sip.len > strlen(start));
	assert_memory_equal(packet->sip.at, start, strlen(start));
}

void node_kit_expect_sealed(struct node_kit *kit, uint32_t sa_index, const char *start)
{
	expect_sealed(&kit->packet, sa_index, start);
}

void node_kit_expect_made(struct node_kit *kit, unsigned which, uint32_t sa_index,
			  const char *start)
{
	assert_true(which < kit->made_count);
	assert_int_equal(kit->made_edge[which], BAD_GATEWAY_TO_ESP_SEAL);
	expect_sealed(kit->made[which], sa_index, start);
}
