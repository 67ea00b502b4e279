#include "dataplane/send_queue.h"

#include <rte_common.h>
#include <rte_ethdev.h>

_Static_assert((SEND_WAITING & (SEND_WAITING - 1)) == 0, "counts go round");

static uint16_t give(struct send_queue *queue, const struct send_way *way, struct rte_mbuf **mbufs,
		     uint16_t count)
{
	uint16_t sent = rte_eth_tx_burst(way->ethdev, way->queue, mbufs, count);

	if (sent > 0 || !queue->is_refusing)
		queue->refusing_tsc = way->now_tsc;
	queue->is_refusing = sent < count;
	return sent;
}

bool send_queue_is_stuck(const struct send_queue *queue, const struct send_way *way)
{
	return queue->is_refusing && way->now_tsc - queue->refusing_tsc > way->patience_tsc;
}

uint16_t send_queue_put(struct send_queue *queue, const struct send_way *way,
			struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t done = 0;

	if (send_queue_count(queue) == 0)
		done = give(queue, way, mbufs, count);
	if (send_queue_is_stuck(queue, way))
		return done;
	while (done < count && send_queue_count(queue) < SEND_WAITING)
		queue->frames[queue->last++ % SEND_WAITING] = mbufs[done++];
	return done;
}

void send_queue_flush(struct send_queue *queue, const struct send_way *way)
{
	while (send_queue_count(queue) > 0) {
		uint32_t at = queue->first % SEND_WAITING;
		uint16_t count =
			(uint16_t)RTE_MIN(send_queue_count(queue), SEND_WAITING - at);
		uint16_t sent = give(queue, way, &queue->frames[at], count);

		queue->first += sent;
		if (sent < count)
			return;
	}
}

uint32_t send_queue_forget(struct send_queue *queue)
{
	uint32_t count = send_queue_count(queue);

	while (queue->first != queue->last)
		rte_pktmbuf_free(queue->frames[queue->first++ % SEND_WAITING]);
	return count;
}
