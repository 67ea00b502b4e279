/*
 * esp_open: from an ESP packet of the wire to the SIP payload inside it, known by its SA. A pure
 * step per packet, in bursts.
 */
#ifndef SEKISHO_DATAPLANE_ESP_OPEN_H
#define SEKISHO_DATAPLANE_ESP_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_prefetch.h>

#include "dataplane/drop_reason.h"
#include "dataplane/esp/engine.h"
#include "dataplane/esp/where.h"
#include "dataplane/tables/sa_table.h"

struct rte_mbuf;

/* What one worker needs to open. */
struct esp_open {
	const struct sa_table *table;
	struct esp_engine *engine;
	uint16_t worker;
	uint64_t now_s; /* Unix time, kept by the worker's loop */
};

enum esp_open_verdict {
	ESP_OPEN_PASS,	   /* mbuf holds exactly the SIP payload */
	ESP_OPEN_HANDOFF,  /* untouched: for the worker `worker` */
	ESP_OPEN_FRAGMENT, /* mbuf holds exactly an inner IP fragment of the SA's: reassemble, then
			      esp_open_inner() */
	ESP_OPEN_DROP,	   /* for `reason` */
};

struct esp_open_packet {
	struct rte_mbuf *mbuf; /* in: outer IP header at l2_len; out: as the verdict says */
	union {
		struct {
			bool is_first; /* the first authentic packet of this SA */
			bool is_moved; /* authentic, highest number yet, from another outer source;
					  at most one a second */
			bool is_confirmed;  /* the answer to a probe (probe.h): its outer source is where
					       the SA's other side is now; its verdict is DROP esp_probe */
			bool is_asking;	    /* from where it is seen (where.h), at most once a second; its
					       verdict is DROP esp_where */
			bool is_path_asked; /* a gateway's question about its path, `answer` to be sent,
					       at most once a second; its verdict is DROP esp_probe */
			uint8_t pad;
			uint16_t path_bytes; /* the answer to a probe of a path: that long a packet of
						the SA path_of came through; else 0 */
		};
		uint64_t news; /* 0: none of these */
	};
	uint32_t sa_handle; /* PASS, FRAGMENT, HANDOFF, and drops of authentic packets; else 0 */
	uint16_t worker;    /* HANDOFF */
	uint8_t verdict;    /* enum esp_open_verdict */
	enum drop_reason reason;
	uint32_t path_of;
	/* is_moved, is_confirmed, is_asking: where it came from; bytes: IPv4 in the first four. */
	bool is_outer_ipv4;
	uint16_t outer_port_be16; /* 0 without UDP encapsulation */
	uint8_t outer_source[16];
	union {
		uint8_t cookie[ESP_WHERE_COOKIE_BYTES]; /* is_asking: of the question */
		uint8_t answer[ESP_PROBE_BYTES];	/* is_path_asked */
	};
};

_Static_assert(offsetof(struct esp_open_packet, sa_handle) ==
		       offsetof(struct esp_open_packet, news) + sizeof(uint64_t),
	       "news is all of them");

/*
 * Open a burst (count <= ESP_BURST): outer header, SPI, owner, sequence number, ICV, window,
 * padding, next header, selector (RFC 4303 3.4, signalling 5 and 10). Every packet gets a verdict;
 * mbufs are neither freed nor allocated. What must be contiguous is the whole packet.
 */
void esp_open_burst(struct esp_open *open, struct esp_open_packet *packets, uint32_t count);

/*
 * Asks for what opening the ESP packet at esp, of which eight bytes are there, will read of its SA, if
 * there is one by its SPI.
 */
static inline void esp_open_look(const struct sa_table *table, const uint8_t *esp)
{
	uint32_t spi, low;
	const struct sa_in *in;
	const struct replay_window *window;

	memcpy(&spi, esp, sizeof(spi));
	memcpy(&low, esp + 4, sizeof(low));
	spi = SA_INDEX(__builtin_bswap32(spi));
	if (spi >= table->capacity)
		return;
	in = &table->in[spi];
	window = &sa_table_record(table, spi)->window;
	rte_prefetch0(in);
	rte_prefetch0_write(&in->packets);
	rte_prefetch0_write(window);
	rte_prefetch0_write(&window->bits[__builtin_bswap32(low) / 64 % REPLAY_WORDS]);
	esp_key_look(&in->key);
}

/*
 * The selector check for an inner IP datagram at mbuf's data, of the SA it came in by, leaving
 * exactly the SIP payload: DROP_NONE or the reason. Used by the burst, and again by the step that
 * has put inner fragments together.
 */
enum drop_reason esp_open_inner(const struct sa_in *sa, struct rte_mbuf *mbuf) SEKISHO_MUST_USE;

/* A number for an outer source, for struct sa_in's outer_tag; never 0. */
uint64_t esp_outer_tag(const uint8_t address[16], uint16_t port_be16);

#endif
