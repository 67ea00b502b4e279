/* An IP packet of ours cut into fragments that fit the path (RFC 791 3.2, RFC 8200 4.5). */
#ifndef SEKISHO_DATAPLANE_IP_FRAGMENT_H
#define SEKISHO_DATAPLANE_IP_FRAGMENT_H

#include <stddef.h>
#include <stdint.h>

/* Most fragments of one packet: as many as its receiver puts together (docs/protocol.md 1.7). */
#define IP_FRAGMENTS_MAX 32

/*
 * How many fragments of at most mtu bytes the packet of `length` bytes at `packet` (IPv4 or IPv6
 * without options or extension headers, whole) makes: 1 if it fits, 0 if more than
 * IP_FRAGMENTS_MAX.
 */
size_t ip_fragment_count(const uint8_t *packet, size_t length, uint16_t mtu);

/*
 * Write fragment `index` of those to `out` (room for mtu bytes); how many bytes it has. All
 * fragments of a packet have one identification, no other packet between the two addresses has it
 * for a while.
 */
size_t ip_fragment_write(const uint8_t *packet, size_t length, uint16_t mtu, size_t index,
			 uint32_t identification, uint8_t *out);

#endif
