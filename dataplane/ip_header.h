/* What stands before a packet's payload on the wire: IPv4 or IPv6 with whatever extends it. */
#ifndef SEKISHO_DATAPLANE_IP_HEADER_H
#define SEKISHO_DATAPLANE_IP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct ip_header {
	struct contract_address source; /* port 0 */
	struct contract_address destination;
	uint8_t protocol;	/* of the payload, behind all extension headers */
	bool is_fragment;	/* and not whole */
	bool is_first_fragment; /* its offset is 0 */
	bool is_last_fragment;
	uint16_t fragment_offset; /* bytes */
	uint32_t fragment_id;
	bool has_options; /* IPv4 options, or an extension header other than fragment */
	uint16_t length;  /* of the whole packet as its header has it; padding may follow */
	uint16_t payload; /* offset of the payload from the header's first byte */
};

/*
 * Take apart the packet of `length` bytes at `at`. The payload of a fragment that is not the first
 * is no header of its protocol. RESULT_OK; RESULT_BAD: not IP, lengths or the IPv4 checksum wrong,
 * or a chain of more than 8 extension headers.
 */
enum result ip_header_parse(const uint8_t *at, size_t length,
			    struct ip_header *header) SEKISHO_MUST_USE;

/* Write an IPv4 (20 bytes) or IPv6 (40 bytes) header for `payload` bytes of a protocol at `at`; how
 * many bytes it has. Both addresses are of one family. The IPv4 identification is 0 with DF off. */
size_t ip_header_write(uint8_t *at, const struct contract_address *source,
		       const struct contract_address *destination, uint8_t protocol, uint8_t dscp,
		       uint16_t payload);

/* Is the checksum in an IPv4 header of 20 bytes right? */
bool ip_header_is_intact(const uint8_t *at);

/* Set the checksum of an IPv4 header of 20 bytes. */
void ip_header_checksum_set(uint8_t *at);

/*
 * Write the UDP header of a datagram of `length` bytes, 8 at least, whose payload stands behind it:
 * the ports of both addresses, and the checksum over the pseudo header and all of it, which is never
 * 0.
 */
void ip_udp_write(uint8_t *udp, const struct contract_address *source,
		  const struct contract_address *destination, uint16_t length);

/* Is the checksum in this UDP datagram right, or (IPv4 only, RFC 768) none there? */
bool ip_udp_is_intact(const struct contract_address *source,
		      const struct contract_address *destination, const uint8_t *udp,
		      uint16_t length);

/* Is the checksum in this ICMP message (RFC 792, RFC 4443 2.3), the packet's whole payload, right? */
bool ip_icmp_is_intact(const struct ip_header *header, const uint8_t *icmp);

#endif
