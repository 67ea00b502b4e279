/*
 * "Packet too big" (RFC 4443 3.2) and "fragmentation needed" (RFC 792, RFC 1191 4), of a packet of
 * ESP that they quote. Anybody may send them: what they say is for path_mtu.h to judge.
 */
#ifndef SEKISHO_DATAPLANE_TOO_BIG_H
#define SEKISHO_DATAPLANE_TOO_BIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/tables/sa_spi.h"

struct too_big {
	struct sa_quote quote;	/* the packet that was too long */
	uint32_t sequence;	/* the low half of its number */
	uint16_t quoted_bytes;	/* how long it was */
	uint32_t path_bytes;	/* how long it may be; 0: not said, as by old routers */
};

/* Is the IP packet of `length` bytes at `ip` such a message, whole and intact? Then *too_big is it. */
bool too_big_read(const uint8_t *ip, size_t length, struct too_big *too_big);

#endif
