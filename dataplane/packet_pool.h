/* A worker's contexts, last in first out, and the buffers that steps write their output to. */
#ifndef SEKISHO_DATAPLANE_PACKET_POOL_H
#define SEKISHO_DATAPLANE_PACKET_POOL_H

#include <stddef.h>

#include "dataplane/packet.h"
#include "shared/result.h"

struct packet_pool;
struct worker;

/*
 * `count` contexts, each with a struct sip_message and rules_bytes of storage for the rules, on
 * this NUMA socket. RESULT_OK or RESULT_MEMORY.
 */
enum result packet_pool_create(size_t count, size_t rules_bytes, int socket,
			       struct packet_pool **pool) SEKISHO_MUST_USE;
void packet_pool_destroy(struct packet_pool *pool);

/* Contexts free now: a source takes no more packets than this. */
size_t packet_pool_free_count(const struct packet_pool *pool);

/* A zeroed context (message and rules storage are not) that owns mbuf; NULL when none is left. */
struct packet *packet_take(struct packet_pool *pool, struct rte_mbuf *mbuf);

/* Give the context back; the mbuf is no longer its business. */
void packet_put(struct packet_pool *pool, struct packet *packet);

/*
 * Put a packet that came in several buffers into one. RESULT_OK, RESULT_SPACE (longer than one can
 * be) or RESULT_MEMORY (none free).
 */
enum result packet_flatten(struct worker *worker, struct packet *packet) SEKISHO_MUST_USE;

/*
 * A fresh buffer for a message of up to `needed` bytes, with head and tail room for what is put
 * round it later. The packet keeps its own until packet_output_end(), so slices into it stay good
 * while writing. RESULT_OK, RESULT_SPACE (longer than a message may be) or RESULT_MEMORY (pool
 * empty).
 */
enum result packet_output_begin(struct worker *worker, size_t needed, struct rte_mbuf **output,
				char **at, size_t *capacity) SEKISHO_MUST_USE;

/* Nothing came of it: give the buffer back. */
void packet_output_cancel(struct rte_mbuf *output);

/* The message is written, `length` bytes of it: it replaces the packet's mbuf and packet->sip. */
void packet_output_end(struct packet *packet, struct rte_mbuf *output, size_t length);

#endif
