/*
 * Inner IP packets in fragments (RFC 791 3.2, RFC 8200 4.5): cut so that what carries each of them
 * fits every path, and put together again.
 */
#ifndef SEKISHO_TERMINAL_ESP_INNER_FRAGMENTS_H
#define SEKISHO_TERMINAL_ESP_INNER_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "terminal/esp/inner_udp.h"

/* An outer packet of a tunnel is never longer: what every IPv6 path carries (RFC 8200 5). */
#define INNER_FRAGMENTS_PATH_BYTES 1280

#define INNER_FRAGMENTS_DATAGRAMS 4    /* at once; one more pushes out the oldest */
#define INNER_FRAGMENTS_PIECES	  32   /* of one */
#define INNER_FRAGMENTS_MS	  3000 /* and then it is given up */
#define INNER_FRAGMENTS_BYTES	  (LIMIT_SIP_MESSAGE_BYTES + INNER_UDP_HEADER_BYTES)

struct inner_piece {
	uint16_t start, end;
};

struct inner_datagram {
	uint64_t end_ms; /* 0: the place is free */
	uint32_t id;
	uint16_t len; /* once its end is known, else 0 */
	uint16_t filled;
	uint8_t piece_count;
	struct inner_piece pieces[INNER_FRAGMENTS_PIECES];
	uint8_t bytes[INNER_FRAGMENTS_BYTES];
};

/* All zero: nothing there. */
struct inner_fragments {
	struct inner_datagram datagrams[INNER_FRAGMENTS_DATAGRAMS];
};

/*
 * The UDP datagram of a packet from `from` to `to`, ports aside, that fills len bytes, or of the
 * fragments of one of which this is the last to come: RESULT_OK, good until the next call.
 * RESULT_MORE: taken, others are missing. RESULT_DENIED for other addresses; RESULT_BAD for what
 * is malformed, too long or overlaps, which ends its datagram (RFC 5722).
 */
SEKISHO_MUST_USE enum result inner_fragments_take(struct inner_fragments *fragments,
						  uint64_t now_ms, const uint8_t *packet,
						  size_t len, const struct sip_address *from,
						  const struct sip_address *to, const uint8_t **udp,
						  size_t *udp_len);

/*
 * Writes fragment `index` (from 0) of the packet of len bytes that inner_ip.h has built, each at
 * most `most` bytes: its length, and in *is_last whether there are no more. A packet that fits is
 * written as it is. All fragments of a packet have one id, and no other packet has it soon.
 */
size_t inner_fragments_cut(const uint8_t *packet, size_t len, size_t most, unsigned index,
			   uint32_t id, uint8_t *out, bool *is_last);

#endif
