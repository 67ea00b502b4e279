/* What a router, or whoever plays one, says about a packet of ESP that was too long for it. */
#ifndef SEKISHO_TESTS_ICMP_KIT_H
#define SEKISHO_TESTS_ICMP_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"

#define ICMP_KIT_BYTES 256

struct icmp_said {
	struct contract_address source, destination; /* of the quoted packet, with its ports */
	uint32_t spi, sequence;
	uint32_t path_bytes;
	uint16_t quoted_bytes; /* its length, as it says */
	uint16_t fragment_offset;
	size_t quoted; /* how much of it is there, at most 100 */
	uint8_t type, code, protocol;
	bool is_in_udp;
	bool is_fragment; /* IPv6: it has a fragment header */
	bool is_checksum_wrong;
};

/* Packet too big, or fragmentation needed: 1,400 for the 1,500 of number 77 under SPI 0x1234, from
 * plane_kit's gateway to plane_sa()'s other side (over IPv4 192.0.2.60 and 192.0.2.10). */
struct icmp_said icmp_said(int family, bool is_in_udp);

/* Written from a router to the gateway, IP header first; how many bytes. */
size_t icmp_write(const struct icmp_said *said, uint8_t packet[ICMP_KIT_BYTES]);

/* Set the checksums of such a packet, whatever else is in it. */
void icmp_sum(uint8_t *packet, size_t length);

#endif
