#include "dataplane/reassembly.h"

#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "dataplane/bounds.h"
#include "dataplane/packet.h"

/* Before the payload: our headroom, an Ethernet header, the longest IP header we keep. */
#define PAYLOAD_AT (PACKET_HEADROOM_BYTES + 16 + 40)

struct piece {
	uint16_t start;
	uint16_t end;
};

struct datagram {
	struct rte_mbuf *mbuf; /* NULL: the place is free */
	uint64_t until_ms;
	struct contract_address source;
	struct contract_address destination;
	uint32_t channel;
	uint32_t id;
	uint8_t protocol;
	uint8_t piece_count;
	bool is_end_known;
	uint16_t length;   /* of the payload, once its end is known */
	uint16_t filled;   /* bytes that are there */
	uint8_t first[40]; /* the IP header of the first fragment */
	struct piece pieces[REASSEMBLY_PIECES];
};

struct reassembly {
	struct rte_mempool *buffers;
	uint64_t late;
	struct datagram datagrams[REASSEMBLY_DATAGRAMS];
};

enum result reassembly_create(struct rte_mempool *buffers, struct reassembly **reassembly)
{
	struct reassembly *made = calloc(1, sizeof(*made));

	if (!made)
		return RESULT_MEMORY;
	made->buffers = buffers;
	*reassembly = made;
	return RESULT_OK;
}

static void datagram_end(struct datagram *datagram)
{
	rte_pktmbuf_free(datagram->mbuf);
	datagram->mbuf = NULL;
}

void reassembly_destroy(struct reassembly *reassembly)
{
	if (!reassembly)
		return;
	for (size_t i = 0; i < REASSEMBLY_DATAGRAMS; i++)
		datagram_end(&reassembly->datagrams[i]);
	free(reassembly);
}

static bool address_is_same(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool is_of(const struct datagram *datagram, uint32_t channel, const struct ip_header *header)
{
	return datagram->channel == channel && datagram->id == header->fragment_id &&
	       datagram->protocol == header->protocol &&
	       address_is_same(&datagram->source, &header->source) &&
	       address_is_same(&datagram->destination, &header->destination);
}

/* The one of its own, or what is to make room: a free one, the oldest of a source that has too
 * many, the oldest of all. */
static struct datagram *datagram_find(struct reassembly *reassembly, uint32_t channel,
				      const struct ip_header *header, uint64_t now_ms)
{
	struct datagram *oldest = NULL, *oldest_of_source = NULL, *free_one = NULL;
	unsigned of_source = 0;

	for (size_t i = 0; i < REASSEMBLY_DATAGRAMS; i++) {
		struct datagram *datagram = &reassembly->datagrams[i];

		if (datagram->mbuf && now_ms >= datagram->until_ms) {
			reassembly->late++;
			datagram_end(datagram);
		}
		if (!datagram->mbuf) {
			free_one = datagram;
			continue;
		}
		if (is_of(datagram, channel, header))
			return datagram;
		if (!oldest || datagram->until_ms < oldest->until_ms)
			oldest = datagram;
		if (datagram->channel != channel ||
		    !address_is_same(&datagram->source, &header->source))
			continue;
		of_source++;
		if (!oldest_of_source || datagram->until_ms < oldest_of_source->until_ms)
			oldest_of_source = datagram;
	}
	if (of_source >= REASSEMBLY_PER_SOURCE)
		free_one = oldest_of_source;
	if (!free_one)
		free_one = oldest;
	if (free_one->mbuf) {
		reassembly->late++;
		datagram_end(free_one);
	}
	return free_one;
}

static bool datagram_begin(struct reassembly *reassembly, struct datagram *datagram,
			   uint32_t channel, const struct ip_header *header, uint64_t now_ms)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(reassembly->buffers);

	if (!mbuf)
		return false;
	*datagram = (struct datagram){
		.mbuf = mbuf,
		.until_ms = now_ms + REASSEMBLY_MS,
		.source = header->source,
		.destination = header->destination,
		.channel = channel,
		.id = header->fragment_id,
		.protocol = header->protocol,
	};
	return true;
}

/* Does the piece fit beside those that are there: no overlap (RFC 5722), one end, room for it? */
static bool piece_fits(const struct datagram *datagram, const struct ip_header *header,
		       size_t bytes)
{
	size_t start = header->fragment_offset, end = start + bytes;

	if (bytes == 0 || datagram->piece_count == REASSEMBLY_PIECES ||
	    (!header->is_last_fragment && bytes % 8 != 0) ||
	    PAYLOAD_AT + end > datagram->mbuf->buf_len)
		return false;
	if (datagram->is_end_known && (header->is_last_fragment || end > datagram->length))
		return false;
	for (unsigned i = 0; i < datagram->piece_count; i++) {
		const struct piece *piece = &datagram->pieces[i];

		if (start < piece->end && piece->start < end)
			return false;
		if (header->is_last_fragment && piece->end > end)
			return false;
	}
	return true;
}

static void piece_put(struct datagram *datagram, const uint8_t *at, const struct ip_header *header,
		      size_t bytes)
{
	uint8_t *payload = (uint8_t *)datagram->mbuf->buf_addr + PAYLOAD_AT;

	memcpy(payload + header->fragment_offset, at + header->payload, bytes);
	datagram->pieces[datagram->piece_count++] = (struct piece){
		.start = header->fragment_offset,
		.end = (uint16_t)(header->fragment_offset + bytes),
	};
	datagram->filled = (uint16_t)(datagram->filled + bytes);
	if (header->is_last_fragment) {
		datagram->is_end_known = true;
		datagram->length = (uint16_t)(header->fragment_offset + bytes);
	}
	if (header->is_first_fragment)
		memcpy(datagram->first, at, header->source.family == 4 ? 20 : 40);
}

static void write_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The first fragment's IP header before the payload, as if the packet had come whole. */
static struct rte_mbuf *datagram_close(struct datagram *datagram)
{
	struct rte_mbuf *mbuf = datagram->mbuf;
	uint16_t ip_bytes = datagram->source.family == 4 ? 20 : 40;
	uint8_t *ip;

	datagram->mbuf = NULL;
	mbuf->data_off = (uint16_t)(PAYLOAD_AT - ip_bytes);
	mbuf->data_len = (uint16_t)(ip_bytes + datagram->length);
	mbuf->pkt_len = mbuf->data_len;
	ip = rte_pktmbuf_mtod(mbuf, uint8_t *);
	memcpy(ip, datagram->first, ip_bytes);
	if (ip_bytes == 20) {
		write_be16(ip + 2, (uint16_t)(ip_bytes + datagram->length));
		write_be16(ip + 6, 0);
		ip_header_checksum_set(ip);
	} else {
		write_be16(ip + 4, datagram->length);
		ip[6] = datagram->protocol;
	}
	return mbuf;
}

enum result reassembly_take(struct reassembly *reassembly, uint32_t channel, const uint8_t *at,
			    const struct ip_header *header, uint64_t now_ms,
			    struct rte_mbuf **whole, enum drop_reason *reason)
{
	size_t bytes = (size_t)header->length - header->payload;
	struct datagram *datagram = datagram_find(reassembly, channel, header, now_ms);

	if (!datagram->mbuf && !datagram_begin(reassembly, datagram, channel, header, now_ms)) {
		*reason = DROP_buffers_exhausted;
		return RESULT_BAD;
	}
	if (!piece_fits(datagram, header, bytes)) {
		datagram_end(datagram);
		*reason = DROP_fragment_overlap;
		return RESULT_BAD;
	}
	piece_put(datagram, at, header, bytes);
	if (!datagram->is_end_known || datagram->filled != datagram->length)
		return RESULT_MORE;
	*whole = datagram_close(datagram);
	return RESULT_OK;
}

uint64_t reassembly_late_take(struct reassembly *reassembly)
{
	uint64_t late = reassembly->late;

	reassembly->late = 0;
	return late;
}
