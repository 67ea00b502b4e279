/*
 * What a port did not take at once, of one worker: it goes out before what comes after it. What is
 * of emergency calls waits apart, goes out first, and has room when others have none left. A port
 * that has taken nothing for SEND_PATIENCE_MS is given no more to wait for.
 */
#ifndef SEKISHO_DATAPLANE_SEND_QUEUE_H
#define SEKISHO_DATAPLANE_SEND_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bounds.h"

struct rte_mbuf;

/* Frames from first up to last, modulo SEND_WAITING. */
struct send_lane {
	struct rte_mbuf *frames[SEND_WAITING];
	uint32_t first, last;
};

enum { SEND_URGENT, SEND_ORDINARY, SEND_LANES }; /* in the order they go out */

struct send_queue {
	struct send_lane lane[SEND_LANES];
	bool is_refusing;      /* the port did not take all that it was last given */
	uint64_t refusing_tsc; /* since when it has taken nothing */
};

/* Where they go: an ethdev's queue, how many may wait for it, and what time it is. */
struct send_way {
	uint16_t ethdev, queue;
	uint32_t room; /* frames that may wait in a lane, up to SEND_WAITING */
	uint64_t now_tsc, patience_tsc;
};

static inline uint32_t send_queue_count(const struct send_queue *queue)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < SEND_LANES; i++)
		count += queue->lane[i].last - queue->lane[i].first;
	return count;
}

/* Send frames, all urgent or none, behind those that wait before them, or let them wait. How many
 * are taken care of: the rest are the caller's. */
uint16_t send_queue_put(struct send_queue *queue, const struct send_way *way,
			struct rte_mbuf **mbufs, uint16_t count, bool is_urgent);

/* Give the port what it takes of those that wait. */
void send_queue_flush(struct send_queue *queue, const struct send_way *way);

/* Have they waited too long? Then send_queue_forget() frees them: how many. */
bool send_queue_is_stuck(const struct send_queue *queue, const struct send_way *way);
uint32_t send_queue_forget(struct send_queue *queue);

#endif
