/*
 * A gateway in this process: the real tables, its workers, the whole graph, and a port made of two
 * rings, so that nothing but the wire is missing. It serves bench.example for `terminals` simulated
 * terminals that may all reach each other.
 */
#ifndef SEKISHO_BENCH_PIPELINE_BENCH_GATEWAY_H
#define SEKISHO_BENCH_PIPELINE_BENCH_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#define BENCH_BURST	  32 /* what rx takes a walk */
#define BENCH_WORKERS_MAX 4

struct bench_gateway_config {
	uint32_t terminals; /* 2 .. 4 million */
	uint8_t family;	    /* 4 or 6 */
	uint8_t suite;	    /* enum contract_suite */
	uint8_t workers;    /* 1 .. BENCH_WORKERS_MAX, terminals spread over them */
	bool is_huge;
	bool is_esp_only; /* no SIP: turn.h */
	bool is_clear;	  /* terminals are registered without an SA, at level 0 */
	uint16_t path_mtu; /* 1280 .. 1500: what the terminals' paths carry, as far as is known */
	uint32_t rules;	   /* of the policy that have patterns, none for anybody here; 0 .. 20000 */
};

struct bench_gateway;
struct worker;

/* Starts DPDK and fills the tables; ends the process with a sentence if that cannot be. */
struct bench_gateway *bench_gateway_create(const struct bench_gateway_config *config);
void bench_gateway_destroy(struct bench_gateway *gateway);

/* Memory of the process that the tables' entries took, bytes for each terminal. */
uint32_t bench_gateway_bytes_per_terminal(const struct bench_gateway *gateway);

/* Memory of the whole process now; buffers that somebody holds (between walks nobody does). */
size_t bench_gateway_memory_bytes(void);
unsigned bench_gateway_mbufs_in_use(const struct bench_gateway *gateway);

/* The worker that owns a terminal's SA, or takes what it sends in the clear: its number is that of its
 * queue, too. */
unsigned bench_gateway_owner(const struct bench_gateway *gateway, uint32_t terminal);

/* Put a frame into a receive queue of the port. */
void bench_gateway_give(struct bench_gateway *gateway, unsigned queue, const uint8_t *frame,
			uint16_t length);

/* One walk of each worker's graph, one after the other: their cycles, without those of the port's
 * own nodes (rx, tx). */
uint64_t bench_gateway_walk(struct bench_gateway *gateway);

/* A worker, for who walks it on a thread of its own; frames that wait to be taken from its queue.
 */
struct worker *bench_gateway_worker(struct bench_gateway *gateway, unsigned id);
unsigned bench_gateway_waiting(const struct bench_gateway *gateway, unsigned queue);

/* The next frame the gateway sent by that queue, or NULL; the caller frees it. */
struct rte_mbuf *bench_gateway_take(struct bench_gateway *gateway, unsigned queue);

/* What the graph counted of each node since the last reset. */
struct bench_node {
	const char *name;
	uint64_t cycles, packets;
};
unsigned bench_gateway_nodes(struct bench_gateway *gateway, struct bench_node *nodes,
			     unsigned room);
void bench_gateway_nodes_reset(struct bench_gateway *gateway);

/* Packets dropped so far, and one line to stderr for each reason that there was. */
uint64_t bench_gateway_drops(const struct bench_gateway *gateway);

/*
 * IPsec-MB alone, by that worker's engine: open what `from` sealed and seal as much for `to`, count (at most BENCH_BURST)
 * ESP packets of length bytes each (length of what is encrypted); cycles.
 */
uint64_t bench_gateway_floor(struct bench_gateway *gateway, unsigned worker, const uint32_t *from,
			     const uint32_t *to, uint8_t *const *esp, const uint16_t *lengths,
			     unsigned count);

#endif
