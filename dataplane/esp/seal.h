/*
 * esp_seal: from a SIP payload and the SA it goes out by to a packet that wants only its Ethernet
 * header. A pure step per packet, in bursts so that the next packets' keys are on their way into
 * the cache.
 */
#ifndef SEKISHO_DATAPLANE_ESP_SEAL_H
#define SEKISHO_DATAPLANE_ESP_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_prefetch.h>

#include "dataplane/drop_reason.h"
#include "dataplane/esp/engine.h"
#include "dataplane/tables/sa_table.h"

struct rte_mbuf;

/*
 * Room that sealing may need before and after the payload, Ethernet header with one VLAN tag
 * included: outer IPv6, UDP, ESP, IV, inner IPv6, UDP; and padding, trailer, ICV.
 */
#define ESP_SEAL_HEADROOM (18 + 40 + 8 + 8 + ESP_SUITE_IV_BYTES + 40 + 8)
#define ESP_SEAL_TAILROOM (15 + 2 + 16)

/* What one worker needs to seal. */
struct esp_seal {
	const struct sa_table *table;
	struct esp_engine *engine;
};

struct esp_seal_packet {
	struct rte_mbuf *mbuf; /* in: exactly the SIP payload, in one segment; out: outer IP packet,
				  l2_len 0, l3_len set */
	uint32_t sa_handle;
	bool is_inner_datagram;	 /* in: mbuf holds not the payload but a whole inner IP datagram or
				    fragment (tunnel mode): the step that fragments to the path MTU
				    before sealing (signalling 7) made it with esp_seal_inner() */
	uint8_t next_header;	 /* in: 0, or with is_inner_datagram another than the SA's mode has */
	const struct sa_outer *outer; /* in: NULL, or where it goes instead of where the SA does */
	bool is_outer_ipv4;	 /* out */
	uint16_t port;		 /* out: by which port it leaves */
	enum drop_reason reason; /* out: DROP_NONE, or why it was not sealed */
};

/*
 * Seal a burst (count <= ESP_BURST): inner UDP with checksum, in tunnel mode inner IP,
 * ESP (RFC 4303 3.3), where agreed UDP 4500 (RFC 3948), outer IP. Each takes its number
 * by one atomic add. Transport mode is fragmented after sealing, by a later step: what leaves here
 * may be longer than the path MTU.
 */
void esp_seal_burst(struct esp_seal *seal, struct esp_seal_packet *packets, uint32_t count);

/* The lines that finding the SA and taking its number will touch; false: there is no such SA. */
static inline bool esp_seal_prefetch(const struct sa_table *table, uint32_t handle)
{
	const struct sa_out *sa = &table->out[SA_INDEX(handle)];

	if (SA_INDEX(handle) >= table->capacity)
		return false;
	rte_prefetch0_write(sa);
	rte_prefetch0(sa->inner_header);
	rte_prefetch0(&sa->outer[0]);
	return true;
}

/*
 * Asks for all that sealing will read of an SA: by who decides that it is this one, so that it is on
 * its way while the other messages of the burst are worked on.
 */
static inline void esp_seal_look(const struct sa_table *table, uint32_t handle)
{
	if (esp_seal_prefetch(table, handle))
		esp_key_look(&table->out[SA_INDEX(handle)].key);
}

/*
 * Put the inner headers before the payload that mbuf holds: UDP, and in tunnel mode IP. DROP_NONE,
 * DROP_esp_no_room or DROP_esp_too_long.
 */
enum drop_reason esp_seal_inner(const struct sa_out *sa, struct rte_mbuf *mbuf) SEKISHO_MUST_USE;

/*
 * How long an inner datagram or fragment may be, so that the outer packet that carries it by this
 * SA has at most path_bytes.
 */
uint32_t esp_seal_inner_most(const struct sa_out *sa, uint32_t path_bytes);

/* The longest outer packet of this SA that has at most path_bytes: not all lengths occur. */
uint32_t esp_seal_outer_most(const struct sa_out *sa, uint32_t path_bytes);

#endif
