/*
 * A worker: one lcore that walks one graph over its own queues. Written by its own lcore unless a
 * field says otherwise; tables are read under its RCU thread id and written by the control lcore
 * only.
 */
#ifndef SEKISHO_DATAPLANE_WORKER_H
#define SEKISHO_DATAPLANE_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "dataplane/packet.h"
#include "dataplane/packet_pool.h"

struct rte_graph;
struct rte_mempool;
struct rte_ring;
struct rte_rcu_qsbr;
struct esp_engine;

struct sa_table;       /* dataplane/tables: who is behind an SPI, and the keys */
struct binding_table;  /* where our terminals are */
struct identity_table; /* names we know */
struct peer_table;     /* gateways we talk to */
struct policy_table;   /* who may reach whom, and how it was before */
struct key_table;      /* keys of branches, sk=, tokens and tags */
struct settings_table; /* what the operator chose */
struct port_table;     /* dataplane/io: our ports and their addresses */
struct source_set;
struct reassembly;
struct next_hop_table; /* routes and neighbours, mirrored from the kernel */
struct configuration;
struct doorbell;
struct event_ring;
struct rate_limit;
struct policy_state;
struct sip_skeletons;
struct send_queue;

#define WORKER_MAX 64

/* Every table there is; made once, before the workers, and in place until they have ended. */
struct tables {
	struct sa_table *sas;
	struct binding_table *bindings;
	struct identity_table *identities;
	struct peer_table *peers;
	struct policy_table *policies;
	struct key_table *keys;
	struct settings_table *settings;
	struct port_table *ports;
	struct next_hop_table *next_hops;
	struct source_set *sources; /* the outer addresses that SAs go to */
};

/*
 * Three groups of cache lines, so that no line is written by one lcore a walk and read by another:
 * what stands once it runs, which other workers read too; what this worker alone touches and writes
 * every walk; and the figures, which the control lcore reads.
 */
struct worker {
	unsigned id; /* 0.. : also its RCU thread id and its queue on every port */
	unsigned lcore;
	int socket;
	const struct tables *tables;
	struct rte_graph *graph;
	struct esp_engine *engine; /* who does this worker's ESP cryptography */
	struct packet_pool *packets;
	struct rte_mempool *small_buffers; /* what a port receives into */
	struct rte_mempool *large_buffers; /* 18 KB: long messages */
	struct rte_rcu_qsbr *rcu;

	int sa_tag_offset; /* of the SA handle in an mbuf (sa_tag.h) */
	/* Of clear SIP, as the settings say. Writer: control lcore. Reader: this worker. Relaxed.
	 */
	_Atomic uint8_t dscp;

	/* Rings of mbufs. Who writes and who reads stands with each. */
	struct rte_ring *handoff;    /* other workers -> this one: packets for an SA it owns */
	struct rte_ring *injected;   /* control lcore -> this one: SIP and frames to send */
	struct rte_ring *to_control; /* this one -> control lcore: SIP for the gateway itself */
	struct rte_ring *strangers;  /* the same from outside any SA: comes after all of that */
	struct rte_ring *exceptions; /* this one -> control lcore: frames for the kernel */
	struct rte_ring
		*unresolved; /* this one -> control lcore: packets whose next hop is not known */
	struct worker *const *siblings; /* all workers, by id; only their handoff is touched */
	unsigned sibling_count;

	struct reassembly *reassembly;
	struct send_queue *send_queues; /* one a port: what it did not take at once */
	uint32_t send_room;		/* frames that may wait in each lane of one */
	uint64_t patience_tsc;		/* SEND_PATIENCE_MS */

	struct event_ring *events; /* this one -> control lcore (event_ring.h) */
	struct event_ring *moves;  /* this one -> control lcore: SAs whose other side moved */
	struct rate_limit *register_limit; /* this worker's buckets for what is outside any SA */
	struct policy_state *policy;	   /* this worker's memory of patterns and rates */
	struct sip_skeletons *skeletons;   /* and of how heads look; NULL: none */
	atomic_uint_fast64_t *drops; /* by enum drop_reason; read by the control lcore, relaxed */

	struct doorbell *doorbell; /* all workers': wakes the control lcore */
	/* Is a control plane connected? Writer: control lcore. Readers: workers, relaxed. */
	const atomic_bool *has_controlplane;
	atomic_bool is_stopping; /* control lcore writes, release; the loop reads, acquire */
	bool is_idle_backed_off; /* nap when there is nothing to do */

	/* The time, read once before each walk: nodes make no system calls. */
	_Alignas(RTE_CACHE_LINE_SIZE) uint64_t now_tsc;
	uint64_t now_ms; /* Unix time */
	uint64_t now_s;

	/* Set by nodes, read and cleared by the worker's loop after each walk. */
	uint32_t taken;	     /* packets that sources took: 0 is idleness */
	bool is_control_due; /* something was put on a ring to the control lcore */

	uint32_t fragment_id;	 /* of the last packet that was cut */
	uint32_t frames_waiting; /* in all send_queues */
	uint64_t injected_tsc;	 /* when one was taken of `injected` while frames waited */

	/* Written here, read by the control lcore, relaxed: figures, not facts to act on. */
	_Alignas(RTE_CACHE_LINE_SIZE) atomic_uint_fast64_t
		busy_cycles;		   /* of turns of the loop in which something was taken */
	atomic_uint_fast64_t all_cycles;   /* of all turns, naps included */
	atomic_uint_fast64_t frames_taken; /* by sources: from ports, other workers, control */
	atomic_uint_fast64_t frames_urgent; /* of emergency calls, that ports took or wait */
};

_Static_assert(offsetof(struct worker, is_idle_backed_off) / RTE_CACHE_LINE_SIZE <
		       offsetof(struct worker, now_tsc) / RTE_CACHE_LINE_SIZE,
	       "what others read lies in lines before those that a walk writes");
_Static_assert(offsetof(struct worker, busy_cycles) ==
		       offsetof(struct worker, now_tsc) + RTE_CACHE_LINE_SIZE,
	       "what a walk writes is one line, the figures are the next");
_Static_assert(sizeof(struct worker) == offsetof(struct worker, busy_cycles) + RTE_CACHE_LINE_SIZE,
	       "and the figures are the last");

struct worker_config {
	unsigned id;
	const struct configuration *configuration;
	const struct tables *tables;
	struct rte_rcu_qsbr *rcu;
	struct doorbell *doorbell;
	const atomic_bool *has_controlplane;
	struct worker *const *siblings; /* filled in by the time the first one runs */
};

/* All of a worker but its graph, which needs the ports (graph.h). RESULT_OK or RESULT_MEMORY. */
enum result worker_create(const struct worker_config *config,
			  struct worker **worker) SEKISHO_MUST_USE;

/* After its loop has ended. Packets still in its rings are freed. */
void worker_destroy(struct worker *worker);

/* The loop of a worker's lcore, an lcore function: returns 0 once is_stopping is set. */
int worker_run(void *worker);

#endif
