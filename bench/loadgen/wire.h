/* The generator's port: DPDK started for one thread, frames in and out, neighbours answered. */
#ifndef SEKISHO_BENCH_LOADGEN_WIRE_H
#define SEKISHO_BENCH_LOADGEN_WIRE_H

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/loadgen/frame.h"
#include "bench/loadgen/neighbour.h"

#define WIRE_BURST 32
#define WIRE_ROW   1024u /* frames that wait for the port, a power of two */

struct wire_config {
	const char *device; /* a vdev with its arguments, or a PCI address */
	bool is_vdev;
	bool is_huge;
	unsigned memory_mb;
	int core; /* -1: wherever */
	const char *file_prefix;
	struct contract_address router, gateway;
};

struct wire {
	uint16_t ethdev;
	struct rte_mempool *buffers;
	struct neighbour neighbour;
	struct frame_link link;
	struct rte_mbuf *out[WIRE_ROW]; /* to be sent, in order: out_first up to out_last */
	uint32_t out_first, out_last;
	uint64_t sent, received, strangers; /* frames; strangers: neither SIP nor ESP to us */
};

/* Start DPDK and the port; what goes wrong is said on stderr. RESULT_IO, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result wire_start(const struct wire_config *config, struct wire *wire);
void wire_stop(struct wire *wire);

/* Wait until the link is up and the gateway's MAC is known. RESULT_IO: not within so long. */
SEKISHO_MUST_USE enum result wire_wait(struct wire *wire, unsigned milliseconds);

/* Put a frame in the row to be sent; false: the row is full and the port takes none of it. */
bool wire_put(struct wire *wire, const uint8_t *frame, size_t length);

/* The same of a terminal's SIP message, closed with its keys unless it is_clear; false: not put, for it cannot be
 * closed or the row is full. */
bool wire_say(struct wire *wire, struct terminals *terminals, uint32_t terminal, bool is_clear,
	      struct slice text);

/* Frames in the row. */
static inline uint32_t wire_waiting(const struct wire *wire)
{
	return wire->out_last - wire->out_first;
}

/* Give the port what it takes of the row. */
void wire_flush(struct wire *wire);

/* Frames that came in, neighbours' already answered; the caller frees them. */
uint16_t wire_take(struct wire *wire, struct rte_mbuf *mbufs[WIRE_BURST]);

#endif
