#include "bench/pipeline/bench_gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_graph_worker.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "bench/pipeline/turn.h"
#include "controlplane/policy/expressions.h"
#include "controlplane/policy/pattern.h"
#include "dataplane/doorbell.h"
#include "dataplane/drop_reason.h"
#include "shared/contract/drop_sentence.h"
#include "dataplane/eal.h"
#include "dataplane/esp/engine.h"
#include "dataplane/graph.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/tables.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"
#include "dataplane/worker.h"
#include "shared/contract/policy_blob.h"

#define RING_PLACES 4096
#define GENERATION  1
#define NODES_MAX   32

struct bench_gateway {
	struct bench_gateway_config config;
	struct configuration configuration;
	struct rte_rcu_qsbr *rcu;
	struct doorbell doorbell;
	atomic_bool has_controlplane;
	struct table_set *set;
	const struct tables *tables;
	struct worker *worker[BENCH_WORKERS_MAX];
	struct rte_ring *in[BENCH_WORKERS_MAX], *out[BENCH_WORKERS_MAX];
	uint16_t ethdev;
	struct rte_node *node[NODES_MAX]; /* of the first worker */
	struct rte_node *rx, *tx;
	uint32_t bytes_per_terminal;
};

static void must(bool is_done, const char *what)
{
	if (is_done)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

struct contract_address bench_gateway_address(uint8_t family)
{
	if (family == 6)
		return (struct contract_address){
			6, 0, 5060, {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60}};
	return (struct contract_address){4, 0, 5060, {10, 255, 0, 1}};
}

struct contract_address bench_terminal_address(uint8_t family, uint32_t terminal)
{
	struct contract_address address = {6, 0, 5060, {0x20, 0x01, 0x12, 0x34}};
	uint8_t *low = address.bytes + 12;

	if (family == 4) {
		address.family = 4;
		low = address.bytes;
	}
	low[0] = 10;
	low[1] = (uint8_t)(terminal >> 16);
	low[2] = (uint8_t)(terminal >> 8);
	low[3] = (uint8_t)terminal;
	return address;
}

void bench_terminal_key(uint32_t terminal, bool is_to_gateway, uint8_t key[CONTRACT_SA_KEY_BYTES])
{
	uint64_t x = (uint64_t)terminal * 2 + is_to_gateway + 1;

	for (int i = 0; i < CONTRACT_SA_KEY_BYTES; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		key[i] = (uint8_t)(x >> 24);
	}
}

uint32_t bench_spi_gateway(uint32_t terminal)
{
	return SA_HANDLE(terminal, GENERATION);
}

uint32_t bench_spi_terminal(uint32_t terminal)
{
	return 0x40000000u + terminal;
}

static size_t resident_bytes(void)
{
	FILE *statm = fopen("/proc/self/status", "r");
	char line[128];
	size_t kb = 0, part;

	must(statm != NULL, "no /proc/self/status");
	while (fgets(line, sizeof(line), statm))
		if (sscanf(line, "VmRSS: %zu", &part) == 1 ||
		    sscanf(line, "HugetlbPages: %zu", &part) == 1)
			kb += part;
	fclose(statm);
	return kb * 1024;
}

static struct rte_ring *ring_make(const char *what, unsigned queue)
{
	char name[RTE_RING_NAMESIZE];
	struct rte_ring *ring;

	snprintf(name, sizeof(name), "bench_%s%u", what, queue);
	ring = rte_ring_create(name, RING_PLACES, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	must(ring != NULL, "no ring");
	return ring;
}

static void port_make(struct bench_gateway *gateway)
{
	const struct rte_eth_conf conf = {0};
	struct port *port = &gateway->tables->ports->ports[0];
	uint16_t queues = gateway->config.workers;

	for (unsigned i = 0; i < queues; i++) {
		gateway->in[i] = ring_make("in", i);
		gateway->out[i] = ring_make("out", i);
	}
	int ethdev = rte_eth_from_rings("bench", gateway->in, queues, gateway->out, queues, 0);

	must(ethdev >= 0, "no port over rings");
	gateway->ethdev = (uint16_t)ethdev;
	must(rte_eth_dev_configure(gateway->ethdev, queues, queues, &conf) == 0,
	     "the port does not take its queues");
	for (uint16_t i = 0; i < queues; i++)
		must(rte_eth_rx_queue_setup(gateway->ethdev, i, RING_PLACES, 0, NULL,
					    gateway->worker[i]->small_buffers) == 0 &&
			     rte_eth_tx_queue_setup(gateway->ethdev, i, RING_PLACES, 0, NULL) == 0,
		     "the port does not take a queue");
	must(rte_eth_dev_start(gateway->ethdev) == 0, "the port does not start");
	*port = (struct port){.ethdev = gateway->ethdev, .mtu = 1500, .is_started = true};
	rte_eth_macaddr_get(gateway->ethdev, &port->mac);
	port->address[0] = gateway->configuration.ports[0].address[0];
	port->address[1] = gateway->configuration.ports[0].address[1];
	gateway->tables->ports->count = 1;
}

static void next_hop_make(struct bench_gateway *gateway)
{
	struct next_hop_table *hops = gateway->tables->next_hops;
	const struct rte_ether_addr mac = {{2, 0, 0, 0, 0, 1}};
	struct next_hop_route route = {
		.prefix = {.family = gateway->config.family},
		.gateway = bench_gateway_address(gateway->config.family),
	};

	route.gateway.port = 0;
	route.gateway.bytes[gateway->config.family == 6 ? 15 : 3] = 2;
	must(next_hop_route_add(hops, &route) == RESULT_OK &&
		     next_hop_neighbour_set(hops, 0, &route.gateway, &mac) == RESULT_OK,
	     "no next hop");
	while (!next_hop_publish(hops))
		for (unsigned i = 0; i < gateway->config.workers; i++)
			rte_rcu_qsbr_quiescent(gateway->rcu, i);
}

/* Rules of others' customers, as carriers have them: all are looked for, none is found. */
static char *patterns_make(uint32_t rules, size_t *length)
{
	struct expressions expressions = {0};
	char text[EXPRESSION_BYTES], reason[PATTERN_REASON_BYTES] = "", *bytes = NULL;
	uint32_t place;

	*length = 0;
	if (rules == 0)
		return NULL;
	for (uint32_t n = 0; n < rules; n++) {
		char caller[64];
		struct expression_part part[3] = {{EXPRESSION_PATTERN, caller},
						  {EXPRESSION_ANY, ""},
						  {EXPRESSION_ANY, ""}};

		snprintf(caller, sizeof(caller), "c%u-[a-z0-9]+@bench\\.example", n);
		must(expression_write(part, text, EXPRESSION_BYTES) == RESULT_OK &&
			     expressions_add(&expressions, text, n) == RESULT_OK,
		     "an expression is refused");
	}
	must(expressions_compile(&expressions, &bytes, length, &place, reason, sizeof(reason)) ==
		     RESULT_OK,
	     reason);
	expressions_free(&expressions);
	return bytes;
}

/* That many rules with patterns that deny, and one that lets everybody call everybody. */
static void policy_make(const struct tables *tables, uint32_t rules, uint64_t now_s)
{
	size_t set_length, rule_bytes = (rules + 1) * sizeof(struct policy_rule);
	char *set = patterns_make(rules, &set_length);
	size_t length = sizeof(struct policy_blob) + rule_bytes + set_length;
	struct policy_blob *blob = calloc(1, length);
	struct policy_rule *rule;

	must(blob != NULL, "out of memory");
	*blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
				     .rule_count = rules + 1,
				     .generation = 1,
				     .strings_at = sizeof(*blob) + rule_bytes,
				     .patterns_length = set_length};
	rule = (struct policy_rule *)(blob + 1);
	for (uint32_t n = 0; n <= rules; n++)
		rule[n] = (struct policy_rule){
			.id = n + 1,
			.action = n < rules ? POLICY_DENY : POLICY_ALLOW,
			.caller.match = n < rules ? POLICY_MATCH_PATTERN : POLICY_MATCH_ANY,
			.callee.match = POLICY_MATCH_ANY};
	if (set_length > 0)
		memcpy((char *)blob + blob->strings_at, set, set_length);
	must(policy_table_put(tables->policies, blob, length, now_s) == RESULT_OK,
	     "the policy is refused");
	free(blob);
	free(set);
}

static void rules_make(const struct tables *tables, uint64_t now_s)
{
	struct contract_settings settings = {.gateway_id = 1,
					     .route_security = CONTRACT_RS_REQUIRE,
					     .route_security_add_level = 1,
					     .max_dialog_s = 86400,
					     .domain_count = 1,
					     .domain = {"bench.example"}};
	struct contract_key key = {.active_from_s = now_s - 10};

	must(settings_table_put(tables->settings, &settings) == RESULT_OK,
	     "the settings are refused");
	for (uint8_t purpose = CONTRACT_KEY_PERSISTENT; purpose <= CONTRACT_KEY_TOKEN; purpose++) {
		key.purpose = purpose;
		key.id = purpose == CONTRACT_KEY_PERSISTENT ? 0 : 1;
		memset(key.key, 0x50 + purpose, sizeof(key.key));
		must(key_table_put(tables->keys, &key) == RESULT_OK, "a key is refused");
	}
}

static void terminal_make(const struct bench_gateway *gateway, uint32_t terminal)
{
	const struct tables *tables = gateway->tables;
	uint8_t family = gateway->config.family;
	struct contract_sa sa = {.index = terminal,
				 .generation = GENERATION,
				 .directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
				 .owner_kind = CONTRACT_OWNER_TERMINAL,
				 .suite = gateway->config.suite,
				 .mode = CONTRACT_TRANSPORT,
				 .level = esp_suite_get(gateway->config.suite)->level,
				 .worker = (uint8_t)bench_gateway_owner(gateway, terminal),
				 .spi_out = bench_spi_terminal(terminal),
				 .owner_index = terminal,
				 .owner_generation = GENERATION,
				 .is_replay_checked = 1};
	struct contract_binding binding = {.index = terminal,
					   .generation = GENERATION,
					   .level = sa.level,
					   .name = terminal,
					   .sa_index = terminal,
					   .sa_generation = GENERATION,
					   .identity_count = 1,
					   .expires_s = UINT64_MAX};
	struct contract_identity identity = {.kind = CONTRACT_IDENTITY_LOCAL,
					     .binding_index = terminal,
					     .binding_generation = GENERATION};

	sa.inner_local = sa.outer_local = bench_gateway_address(family);
	sa.inner_remote = sa.outer_remote = bench_terminal_address(family, terminal);
	sa.outer_local.port = sa.outer_remote.port = 0;
	bench_terminal_key(terminal, true, sa.key_in);
	bench_terminal_key(terminal, false, sa.key_out);
	binding.address = bench_terminal_address(family, terminal);
	snprintf(identity.aor, sizeof(identity.aor), "t%u@bench.example", terminal);
	memcpy(binding.identity[0], identity.aor, sizeof(identity.aor));
	memcpy(binding.subscriber, identity.aor, sizeof(identity.aor));
	memcpy(sa.subscriber, identity.aor, sizeof(identity.aor));
	snprintf(binding.contact, sizeof(binding.contact), "sip:t%u@c.bench.example", terminal);
	must(sa_table_put(tables->sas, &sa) == RESULT_OK, "an SA is refused");
	must(binding_table_put(tables->bindings, &binding) == RESULT_OK, "a binding is refused");
	must(identity_table_put(tables->identities, &identity) == RESULT_OK,
	     "an identity is refused");
}

static void configure(struct bench_gateway *gateway)
{
	struct configuration *configuration = &gateway->configuration;

	*configuration = (struct configuration){
		.workers = gateway->config.workers,
		.is_huge = gateway->config.is_huge,
		.memory_mb = 192,
		.sa_capacity = gateway->config.terminals + 1,
		.binding_capacity = gateway->config.terminals + 1,
		.small_buffers = 4096,
		.large_buffers = 64,
		.registers_per_second = 1,
	};
	snprintf(configuration->file_prefix, sizeof(configuration->file_prefix), "sk-bench-%d",
		 (int)getpid());
	/* The port is made of rings here, not by EAL: only the settings hear of its address. */
	configuration->ports[0].path_mtu = gateway->config.path_mtu;
	configuration->ports[0].address[gateway->config.family == 6] =
		bench_gateway_address(gateway->config.family);
}

static void worker_make(struct bench_gateway *gateway, unsigned id)
{
	const struct worker_config config = {
		.id = id,
		.configuration = &gateway->configuration,
		.tables = gateway->tables,
		.rcu = gateway->rcu,
		.doorbell = &gateway->doorbell,
		.has_controlplane = &gateway->has_controlplane,
		.siblings = gateway->worker,
	};

	must(worker_create(&config, &gateway->worker[id]) == RESULT_OK, "no worker");
	must(rte_rcu_qsbr_thread_register(gateway->rcu, id) == 0, "no RCU");
	rte_rcu_qsbr_thread_online(gateway->rcu, id);
}

static void graphs_make(struct bench_gateway *gateway)
{
	must(graph_nodes_register() == RESULT_OK, "no nodes");
	must(!gateway->config.is_esp_only || turn_node_put(), "no node for ESP alone");
	for (unsigned i = 0; i < gateway->config.workers; i++)
		must(graph_create(gateway->worker[i]) == RESULT_OK, "no graph");
	must(!gateway->config.is_esp_only ||
		     turn_halves_set("worker0", gateway->config.terminals / 2),
	     "no node for ESP alone");
	for (unsigned i = 0; i < graph_node_count(); i++) {
		gateway->node[i] = rte_graph_node_get_by_name("worker0", graph_node_name(i));
		if (strcmp(graph_node_name(i), "sk_rx") == 0)
			gateway->rx = gateway->node[i];
		if (strcmp(graph_node_name(i), "sk_tx") == 0)
			gateway->tx = gateway->node[i];
	}
	must(gateway->rx && gateway->tx && rte_graph_has_stats_feature(), "no node statistics");
}

struct bench_gateway *bench_gateway_create(const struct bench_gateway_config *config)
{
	struct bench_gateway *gateway = calloc(1, sizeof(*gateway));

	must(gateway != NULL, "out of memory");
	gateway->config = *config;
	configure(gateway);
	must(eal_start(&gateway->configuration) == RESULT_OK, "no EAL");
	gateway->rcu = rte_zmalloc("bench_rcu", rte_rcu_qsbr_get_memsize(config->workers),
				   RTE_CACHE_LINE_SIZE);
	must(gateway->rcu && rte_rcu_qsbr_init(gateway->rcu, config->workers) == 0, "no RCU");
	gateway->configuration.port_count = 1;
	size_t before = resident_bytes();

	must(table_set_create(&gateway->configuration, gateway->rcu, &gateway->set) == RESULT_OK,
	     "no tables");
	gateway->tables = table_set_view(gateway->set);
	for (uint32_t i = 1; i <= config->terminals; i++)
		terminal_make(gateway, i);
	gateway->bytes_per_terminal = (uint32_t)((resident_bytes() - before) / config->terminals);
	rules_make(gateway->tables, (uint64_t)time(NULL));
	policy_make(gateway->tables, config->rules, (uint64_t)time(NULL));
	must(doorbell_open(&gateway->doorbell) == RESULT_OK, "no doorbell");
	for (unsigned i = 0; i < config->workers; i++)
		worker_make(gateway, i);
	port_make(gateway);
	graphs_make(gateway);
	next_hop_make(gateway);
	return gateway;
}

void bench_gateway_destroy(struct bench_gateway *gateway)
{
	for (unsigned i = 0; i < gateway->config.workers; i++)
		graph_destroy(gateway->worker[i]);
	rte_eth_dev_stop(gateway->ethdev);
	rte_eth_dev_close(gateway->ethdev);
	for (unsigned i = 0; i < gateway->config.workers; i++)
		worker_destroy(gateway->worker[i]);
	table_set_destroy(gateway->set);
	doorbell_close(&gateway->doorbell);
	for (unsigned i = 0; i < gateway->config.workers; i++) {
		rte_ring_free(gateway->in[i]);
		rte_ring_free(gateway->out[i]);
	}
	rte_free(gateway->rcu);
	eal_end();
	free(gateway);
}

uint32_t bench_gateway_bytes_per_terminal(const struct bench_gateway *gateway)
{
	return gateway->bytes_per_terminal;
}

size_t bench_gateway_memory_bytes(void)
{
	return resident_bytes();
}

unsigned bench_gateway_mbufs_in_use(const struct bench_gateway *gateway)
{
	unsigned used = 0;

	for (unsigned i = 0; i < gateway->config.workers; i++)
		used += rte_mempool_in_use_count(gateway->worker[i]->small_buffers) +
			rte_mempool_in_use_count(gateway->worker[i]->large_buffers);
	return used;
}

unsigned bench_gateway_owner(const struct bench_gateway *gateway, uint32_t terminal)
{
	return terminal % gateway->config.workers;
}

void bench_gateway_give(struct bench_gateway *gateway, unsigned queue, const uint8_t *frame,
			uint16_t length)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(gateway->worker[queue]->small_buffers);
	char *at = mbuf ? rte_pktmbuf_append(mbuf, length) : NULL;

	must(at != NULL, "no buffer");
	memcpy(at, frame, length);
	must(rte_ring_enqueue(gateway->in[queue], mbuf) == 0, "the receive ring is full");
}

static void clock_read(struct worker *worker)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	worker->now_s = (uint64_t)now.tv_sec;
	worker->now_ms = worker->now_s * 1000 + (uint64_t)now.tv_nsec / 1000000;
	worker->now_tsc = rte_rdtsc();
}

uint64_t bench_gateway_walk(struct bench_gateway *gateway)
{
	uint64_t port = gateway->rx->total_cycles + gateway->tx->total_cycles, start, end;

	for (unsigned i = 0; i < gateway->config.workers; i++)
		clock_read(gateway->worker[i]);
	start = rte_rdtsc_precise();
	for (unsigned i = 0; i < gateway->config.workers; i++)
		rte_graph_walk(gateway->worker[i]->graph);
	end = rte_rdtsc_precise();
	for (unsigned i = 0; i < gateway->config.workers; i++)
		rte_rcu_qsbr_quiescent(gateway->rcu, i);
	port = gateway->rx->total_cycles + gateway->tx->total_cycles - port;
	return end - start - port;
}

struct worker *bench_gateway_worker(struct bench_gateway *gateway, unsigned id)
{
	return gateway->worker[id];
}

unsigned bench_gateway_waiting(const struct bench_gateway *gateway, unsigned queue)
{
	return rte_ring_count(gateway->out[queue]);
}

struct rte_mbuf *bench_gateway_take(struct bench_gateway *gateway, unsigned queue)
{
	void *mbuf;

	return rte_ring_dequeue(gateway->out[queue], &mbuf) == 0 ? mbuf : NULL;
}

unsigned bench_gateway_nodes(struct bench_gateway *gateway, struct bench_node *nodes, unsigned room)
{
	unsigned count = 0;

	for (unsigned i = 0; i < graph_node_count() && count < room; i++) {
		const struct rte_node *node = gateway->node[i];

		nodes[count++] = (struct bench_node){.name = graph_node_name(i),
						     .cycles = node->total_cycles,
						     .packets = node->total_objs};
	}
	return count;
}

void bench_gateway_nodes_reset(struct bench_gateway *gateway)
{
	for (unsigned i = 0; i < graph_node_count(); i++) {
		gateway->node[i]->total_cycles = 0;
		gateway->node[i]->total_objs = 0;
	}
}

uint64_t bench_gateway_drops(const struct bench_gateway *gateway)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		uint64_t some = 0;

		for (unsigned worker = 0; worker < gateway->config.workers; worker++)
			some += gateway->worker[worker]->drops[i];
		if (some)
			fprintf(stderr, "dropped %lu: %s\n", (unsigned long)some,
				drop_sentence(drop_reason_name((enum drop_reason)i)));
		all += some;
	}
	return all;
}

uint64_t bench_gateway_floor(struct bench_gateway *gateway, unsigned worker, const uint32_t *from,
			     const uint32_t *to, uint8_t *const *esp, const uint16_t *lengths,
			     unsigned count)
{
	const struct sa_table *sas = gateway->tables->sas;
	const struct esp_suite *suite = esp_suite_get(gateway->config.suite);
	struct esp_job in[BENCH_BURST], out[BENCH_BURST];
	uint64_t start;

	for (unsigned i = 0; i < count; i++) {
		uint32_t low;

		memcpy(&low, esp[i] + 4, sizeof(low));
		in[i] = (struct esp_job){
			.key = &sas->in[from[i]].key,
			.suite = suite,
			.esp = esp[i],
			.len = lengths[i],
			.number = __builtin_bswap32(low),
		};
		out[i] = in[i];
		out[i].key = &sas->out[to[i]].key;
	}
	start = rte_rdtsc_precise();
	esp_engine_open(gateway->worker[worker]->engine, in, count);
	esp_engine_seal(gateway->worker[worker]->engine, out, count);
	start = rte_rdtsc_precise() - start;
	for (unsigned i = 0; i < count; i++)
		must(in[i].is_done && out[i].is_done, "the floor is not what it says");
	return start;
}
