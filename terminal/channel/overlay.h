/* Overlay addresses: those that a name always has inside data channels (docs/protocol.md 6.5). */
#ifndef SEKISHO_TERMINAL_CHANNEL_OVERLAY_H
#define SEKISHO_TERMINAL_CHANNEL_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

/* One IPv6 (fd73:656b:6973::/48, RFC 4193) and one IPv4 address (100.64.0.0/10, RFC 6598). */
struct overlay {
	struct sip_address ipv6;
	struct sip_address ipv4;
};

/* Of a canonical AOR. RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result overlay_of(struct slice aor, struct overlay *out);

/*
 * Is this an IP packet from an address of one overlay to the one of the same family of another,
 * and does its length say that it is all of it? version gets 4 or 6, or 0 for what is no packet.
 */
bool overlay_is_between(const struct overlay *from, const struct overlay *to, const uint8_t *packet,
			size_t len, unsigned *version);

#endif
