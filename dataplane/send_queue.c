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

static uint32_t lane_count(const struct send_lane *lane)
{
	return lane->last - lane->first;
}

uint16_t send_queue_put(struct send_queue *queue, const struct send_way *way,
			struct rte_mbuf **mbufs, uint16_t count, bool is_urgent)
{
	struct send_lane *lane = &queue->lane[is_urgent ? SEND_URGENT : SEND_ORDINARY];
	uint32_t before = is_urgent ? lane_count(lane) : send_queue_count(queue);
	uint16_t done = 0;

	if (before == 0)
		done = give(queue, way, mbufs, count);
	if (send_queue_is_stuck(queue, way))
		return done;
	while (done < count && lane_count(lane) < way->room)
		lane->frames[lane->last++ % SEND_WAITING] = mbufs[done++];
	return done;
}

/* Does the port take all of them? */
static bool lane_flush(struct send_queue *queue, struct send_lane *lane, const struct send_way *way)
{
	while (lane_count(lane) > 0) {
		uint32_t at = lane->first % SEND_WAITING;
		uint16_t count = (uint16_t)RTE_MIN(lane_count(lane), SEND_WAITING - at);
		uint16_t sent = give(queue, way, &lane->frames[at], count);

		lane->first += sent;
		if (sent < count)
			return false;
	}
	return true;
}

void send_queue_flush(struct send_queue *queue, const struct send_way *way)
{
	for (unsigned i = 0; i < SEND_LANES; i++)
		if (!lane_flush(queue, &queue->lane[i], way))
			return;
}

uint32_t send_queue_forget(struct send_queue *queue)
{
	uint32_t count = send_queue_count(queue);

	for (unsigned i = 0; i < SEND_LANES; i++) {
		struct send_lane *lane = &queue->lane[i];

		while (lane->first != lane->last)
			rte_pktmbuf_free(lane->frames[lane->first++ % SEND_WAITING]);
	}
	return count;
}
