/*
 * Any bytes as what comes from the wire before anything has proved itself: IP headers, fragments
 * put together, ICMP's word about a path. An input is packets: how long each is in two bytes, how
 * much time passes before it in one, then its bytes, from its IP header on.
 */
#include <string.h>

#include <netinet/in.h>

#include <rte_mbuf.h>

#include "dataplane/esp/outer.h"
#include "dataplane/ip_fragment.h"
#include "dataplane/ip_header.h"
#include "dataplane/reassembly.h"
#include "dataplane/too_big.h"
#include "tests/fuzz/target.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define MTU	    1280
#define BUFFER_ROOM 20000
#define BUFFERS	    256

struct wire {
	struct rte_mempool *pool;
	struct reassembly *reassembly;
	uint64_t now_ms;
};

static struct rte_mempool *pool_get(void)
{
	static struct rte_mempool *pool;

	if (pool == NULL) {
		MUST(plane_kit_eal_begin(NULL) == 0);
		pool = rte_pktmbuf_pool_create("fuzz_ip", BUFFERS, 0, 0, BUFFER_ROOM,
					       (int)rte_socket_id());
		MUST(pool != NULL);
	}
	return pool;
}

static bool is_same_host(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static void header_check(const struct ip_header *header, size_t size)
{
	MUST(header->length <= size);
	MUST(header->payload <= header->length);
	MUST(header->source.family == 4 || header->source.family == 6);
	MUST(header->destination.family == header->source.family);
	MUST(header->is_first_fragment == (header->fragment_offset == 0));
	MUST(header->is_fragment || (header->is_first_fragment && header->is_last_fragment));
}

/* What was put together is one whole packet from and to whom its fragments were. */
static void whole_check(struct rte_mbuf *mbuf, const struct ip_header *of)
{
	struct ip_header header;

	MUST(mbuf->data_len == mbuf->pkt_len);
	MUST(ip_header_parse(rte_pktmbuf_mtod(mbuf, uint8_t *), mbuf->data_len, &header) ==
	     RESULT_OK);
	MUST(!header.is_fragment && !header.has_options);
	MUST(header.length == mbuf->data_len);
	MUST(header.protocol == of->protocol);
	MUST(is_same_host(&header.source, &of->source));
	MUST(is_same_host(&header.destination, &of->destination));
}

/* What is put together then, the caller's; NULL: nothing yet. */
static struct rte_mbuf *take(struct reassembly *reassembly, const uint8_t *at,
			     const struct ip_header *header, uint64_t now_ms)
{
	struct rte_mbuf *whole = NULL;
	enum drop_reason reason = DROP_NONE;
	enum result result = reassembly_take(reassembly, 0, at, header, now_ms, &whole, &reason);

	MUST(result == RESULT_OK || result == RESULT_MORE || result == RESULT_BAD);
	MUST((result == RESULT_OK) == (whole != NULL));
	MUST((result == RESULT_BAD) == (reason != DROP_NONE));
	if (whole != NULL)
		whole_check(whole, header);
	return whole;
}

/* A plain packet, cut as we cut, is put together again from its pieces, and only from all of them.
 */
static void cut_check(struct wire *wire, const uint8_t *at, const struct ip_header *header)
{
	size_t count = ip_fragment_count(at, header->length, MTU);
	struct rte_mbuf *whole = NULL;
	struct reassembly *reassembly;
	uint8_t piece[MTU];

	if (count < 2 || header->length > BUFFER_ROOM / 2)
		return;
	MUST(reassembly_create(wire->pool, &reassembly) == RESULT_OK);
	for (size_t i = 0; i < count; i++) {
		size_t bytes = ip_fragment_write(at, header->length, MTU, i, 77, piece);
		struct ip_header of;

		MUST(whole == NULL && bytes <= MTU);
		MUST(ip_header_parse(piece, bytes, &of) == RESULT_OK);
		MUST(of.is_fragment && of.is_last_fragment == (i + 1 == count));
		whole = take(reassembly, piece, &of, wire->now_ms);
	}
	MUST(whole != NULL && whole->data_len == header->length);
	MUST(memcmp(rte_pktmbuf_mtod_offset(whole, uint8_t *, header->payload),
		    at + header->payload, header->length - header->payload) == 0);
	rte_pktmbuf_free(whole);
	reassembly_destroy(reassembly);
}

static void packet_check(struct wire *wire, uint8_t *at, size_t size)
{
	struct ip_header header;
	struct esp_outer outer;
	struct too_big too_big;

	if (esp_outer_find(at, (uint32_t)size, &outer) == DROP_NONE) {
		MUST(outer.esp >= at && outer.len >= ESP_HEADER_BYTES);
		MUST(outer.esp + outer.len <= at + size);
	}
	(void)too_big_read(at, size, &too_big);
	if (ip_header_parse(at, size, &header) != RESULT_OK)
		return;
	header_check(&header, size);
	if (header.is_fragment && !header.has_options)
		rte_pktmbuf_free(take(wire->reassembly, at, &header, wire->now_ms));
	else if (!header.is_fragment && !header.has_options &&
		 header.payload == (header.source.family == 4 ? 20 : 40))
		cut_check(wire, at, &header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire wire = {.pool = pool_get(), .now_ms = 1};

	MUST(reassembly_create(wire.pool, &wire.reassembly) == RESULT_OK);
	while (size >= 3) {
		size_t bytes = (size_t)data[0] << 8 | data[1];
		uint8_t *copy;

		wire.now_ms += data[2] * UINT64_C(20);
		data += 3;
		size -= 3;
		if (bytes > size)
			bytes = size;
		copy = malloc(bytes > 0 ? bytes : 1); /* of exactly its size */
		MUST(copy != NULL);
		memcpy(copy, data, bytes);
		packet_check(&wire, copy, bytes);
		free(copy);
		data += bytes;
		size -= bytes;
	}
	reassembly_destroy(wire.reassembly);
	MUST(rte_mempool_in_use_count(wire.pool) == 0);
	return 0;
}
