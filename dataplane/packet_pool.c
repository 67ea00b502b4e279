#include "dataplane/packet_pool.h"

#include <stdint.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_mempool.h>

#include "dataplane/worker.h"
#include "shared/limits.h"
#include "shared/sip/message.h"

struct packet_pool {
	size_t free_count;
	size_t count;
	uint8_t *storage;
	struct packet *packets; /* [count] */
	struct packet *free[];	/* [count]; the last one given back is the first one taken */
};

static size_t round_up_to_line(size_t bytes)
{
	return RTE_CACHE_LINE_ROUNDUP(bytes);
}

static void storage_hand_out(struct packet_pool *pool, size_t rules_bytes)
{
	size_t message_bytes = round_up_to_line(sizeof(struct sip_message));
	size_t each = message_bytes + round_up_to_line(rules_bytes);

	for (size_t i = 0; i < pool->count; i++) {
		uint8_t *at = pool->storage + i * each;

		pool->packets[i].message = (struct sip_message *)(void *)at;
		pool->packets[i].rules = (struct packet_rules *)(void *)(at + message_bytes);
		pool->free[pool->count - 1 - i] = &pool->packets[i];
	}
	pool->free_count = pool->count;
}

enum result packet_pool_create(size_t count, size_t rules_bytes, int socket,
			       struct packet_pool **pool)
{
	size_t each = round_up_to_line(sizeof(struct sip_message)) + round_up_to_line(rules_bytes);
	struct packet_pool *made;

	made = rte_zmalloc_socket("sk_packet_pool", sizeof(*made) + count * sizeof(made->free[0]),
				  0, socket);
	if (!made)
		return RESULT_MEMORY;
	made->count = count;
	made->packets = rte_zmalloc_socket("sk_packets", count * sizeof(*made->packets),
					   RTE_CACHE_LINE_SIZE, socket);
	made->storage =
		rte_zmalloc_socket("sk_packet_storage", count * each, RTE_CACHE_LINE_SIZE, socket);
	if (!made->packets || !made->storage) {
		packet_pool_destroy(made);
		return RESULT_MEMORY;
	}
	storage_hand_out(made, rules_bytes);
	*pool = made;
	return RESULT_OK;
}

void packet_pool_destroy(struct packet_pool *pool)
{
	if (!pool)
		return;
	rte_free(pool->storage);
	rte_free(pool->packets);
	rte_free(pool);
}

size_t packet_pool_free_count(const struct packet_pool *pool)
{
	return pool->free_count;
}

/* In pieces, which become vector stores: for all at once the compiler takes REP STOS, slow to begin. */
static void packet_zero(struct packet *packet)
{
	uint8_t *at = (uint8_t *)packet;
	size_t done = 0;

	for (; done + RTE_CACHE_LINE_SIZE <= sizeof(*packet); done += RTE_CACHE_LINE_SIZE)
		memset(at + done, 0, RTE_CACHE_LINE_SIZE);
	memset(at + done, 0, sizeof(*packet) - done);
}

struct packet *packet_take(struct packet_pool *pool, struct rte_mbuf *mbuf)
{
	struct sip_message *message;
	struct packet_rules *rules;
	struct packet *packet;

	if (pool->free_count == 0)
		return NULL;
	packet = pool->free[--pool->free_count];
	message = packet->message;
	rules = packet->rules;
	packet_zero(packet);
	packet->mbuf = mbuf;
	packet->message = message;
	packet->rules = rules;
	return packet;
}

void packet_put(struct packet_pool *pool, struct packet *packet)
{
	packet->mbuf = NULL;
	pool->free[pool->free_count++] = packet;
}

enum result packet_flatten(struct worker *worker, struct packet *packet)
{
	struct rte_mbuf *from = packet->mbuf, *flat;

	if (from->nb_segs == 1)
		return RESULT_OK;
	if (from->pkt_len + PACKET_HEADROOM_BYTES >
	    rte_pktmbuf_data_room_size(worker->large_buffers))
		return RESULT_SPACE;
	flat = rte_pktmbuf_alloc(worker->large_buffers);
	if (!flat)
		return RESULT_MEMORY;
	flat->data_off = PACKET_HEADROOM_BYTES;
	flat->port = from->port;
	flat->data_len = (uint16_t)from->pkt_len;
	flat->pkt_len = from->pkt_len;
	for (uint8_t *to = rte_pktmbuf_mtod(flat, uint8_t *); from; from = from->next) {
		memcpy(to, rte_pktmbuf_mtod(from, const uint8_t *), from->data_len);
		to += from->data_len;
	}
	rte_pktmbuf_free(packet->mbuf);
	packet->mbuf = flat;
	return RESULT_OK;
}

enum result packet_output_begin(struct worker *worker, size_t needed, struct rte_mbuf **output,
				char **at, size_t *capacity)
{
	const size_t around = PACKET_HEADROOM_BYTES + PACKET_TAILROOM_BYTES;
	struct rte_mempool *pool = worker->small_buffers;
	struct rte_mbuf *mbuf;
	size_t room = rte_pktmbuf_data_room_size(pool);

	if (needed > LIMIT_SIP_MESSAGE_BYTES)
		return RESULT_SPACE;
	if (needed + around > room) {
		pool = worker->large_buffers;
		room = rte_pktmbuf_data_room_size(pool);
	}
	mbuf = rte_pktmbuf_alloc(pool);
	if (!mbuf)
		return RESULT_MEMORY;
	mbuf->data_off = PACKET_HEADROOM_BYTES;
	*output = mbuf;
	*at = rte_pktmbuf_mtod(mbuf, char *);
	*capacity = RTE_MIN(room - around, (size_t)LIMIT_SIP_MESSAGE_BYTES);
	return RESULT_OK;
}

void packet_output_cancel(struct rte_mbuf *output)
{
	rte_pktmbuf_free(output);
}

void packet_output_end(struct packet *packet, struct rte_mbuf *output, size_t length)
{
	output->port = packet->mbuf->port;
	output->data_len = (uint16_t)length;
	output->pkt_len = (uint32_t)length;
	rte_pktmbuf_free(packet->mbuf);
	packet->mbuf = output;
	packet->sip = slice_make(rte_pktmbuf_mtod(output, char *), length);
}
