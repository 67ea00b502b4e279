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

#include "bench/pipeline/must.h"
#include "bench/pipeline/rules.h"
#include "bench/pipeline/terminals.h"
#include "bench/pipeline/turn.h"
#include "dataplane/doorbell.h"
#include "dataplane/drop_reason.h"
#include "shared/contract/drop_sentence.h"
#include "dataplane/eal.h"
#include "dataplane/esp/engine.h"
#include "dataplane/graph.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/tables.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/worker.h"

#define RING_PLACES 4096
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

static size_t resident_bytes(void)
{
	FILE *statm = fopen("/proc/self/status", "r");
	char line[128];
	size_t kb = 0, part;

	bench_must(statm != NULL, "no /proc/self/status");
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
	bench_must(ring != NULL, "no ring");
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

	bench_must(ethdev >= 0, "no port over rings");
	gateway->ethdev = (uint16_t)ethdev;
	bench_must(rte_eth_dev_configure(gateway->ethdev, queues, queues, &conf) == 0,
		   "the port does not take its queues");
	for (uint16_t i = 0; i < queues; i++)
		bench_must(rte_eth_rx_queue_setup(gateway->ethdev, i, RING_PLACES, 0, NULL,
						  gateway->worker[i]->small_buffers) == 0 &&
				   rte_eth_tx_queue_setup(gateway->ethdev, i, RING_PLACES, 0,
							  NULL) == 0,
			   "the port does not take a queue");
	bench_must(rte_eth_dev_start(gateway->ethdev) == 0, "the port does not start");
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
	bench_must(next_hop_route_add(hops, &route) == RESULT_OK &&
			   next_hop_neighbour_set(hops, 0, &route.gateway, &mac) == RESULT_OK,
		   "no next hop");
	while (!next_hop_publish(hops))
		for (unsigned i = 0; i < gateway->config.workers; i++)
			rte_rcu_qsbr_quiescent(gateway->rcu, i);
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

	bench_must(worker_create(&config, &gateway->worker[id]) == RESULT_OK, "no worker");
	bench_must(rte_rcu_qsbr_thread_register(gateway->rcu, id) == 0, "no RCU");
	rte_rcu_qsbr_thread_online(gateway->rcu, id);
}

static void graphs_make(struct bench_gateway *gateway)
{
	bench_must(graph_nodes_register() == RESULT_OK, "no nodes");
	bench_must(!gateway->config.is_esp_only || turn_node_put(), "no node for ESP alone");
	for (unsigned i = 0; i < gateway->config.workers; i++)
		bench_must(graph_create(gateway->worker[i]) == RESULT_OK, "no graph");
	bench_must(!gateway->config.is_esp_only ||
			   turn_halves_set("worker0", gateway->config.terminals / 2),
		   "no node for ESP alone");
	for (unsigned i = 0; i < graph_node_count(); i++) {
		gateway->node[i] = rte_graph_node_get_by_name("worker0", graph_node_name(i));
		if (strcmp(graph_node_name(i), "sk_rx") == 0)
			gateway->rx = gateway->node[i];
		if (strcmp(graph_node_name(i), "sk_tx") == 0)
			gateway->tx = gateway->node[i];
	}
	bench_must(gateway->rx && gateway->tx && rte_graph_has_stats_feature(),
		   "no node statistics");
}

struct bench_gateway *bench_gateway_create(const struct bench_gateway_config *config)
{
	struct bench_gateway *gateway = calloc(1, sizeof(*gateway));

	bench_must(gateway != NULL, "out of memory");
	gateway->config = *config;
	configure(gateway);
	bench_must(eal_start(&gateway->configuration) == RESULT_OK, "no EAL");
	gateway->rcu = rte_zmalloc("bench_rcu", rte_rcu_qsbr_get_memsize(config->workers),
				   RTE_CACHE_LINE_SIZE);
	bench_must(gateway->rcu && rte_rcu_qsbr_init(gateway->rcu, config->workers) == 0, "no RCU");
	gateway->configuration.port_count = 1;
	size_t before = resident_bytes();

	bench_must(table_set_create(&gateway->configuration, gateway->rcu, &gateway->set) ==
			   RESULT_OK,
		   "no tables");
	gateway->tables = table_set_view(gateway->set);
	bench_terminals_put(gateway->tables, config);
	gateway->bytes_per_terminal = (uint32_t)((resident_bytes() - before) / config->terminals);
	bench_rules_put(gateway->tables, config, (uint64_t)time(NULL));
	bench_must(doorbell_open(&gateway->doorbell) == RESULT_OK, "no doorbell");
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
	return bench_terminal_worker(&gateway->config, terminal);
}

void bench_gateway_give(struct bench_gateway *gateway, unsigned queue, const uint8_t *frame,
			uint16_t length)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(gateway->worker[queue]->small_buffers);
	char *at = mbuf ? rte_pktmbuf_append(mbuf, length) : NULL;

	bench_must(at != NULL, "no buffer");
	memcpy(at, frame, length);
	bench_must(rte_ring_enqueue(gateway->in[queue], mbuf) == 0, "the receive ring is full");
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
		bench_must(in[i].is_done && out[i].is_done, "the floor is not what it says");
	return start;
}
