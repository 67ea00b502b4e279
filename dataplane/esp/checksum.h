/* The Internet checksum (RFC 1071) over bytes as they lie in memory. */
#ifndef SEKISHO_DATAPLANE_ESP_CHECKSUM_H
#define SEKISHO_DATAPLANE_ESP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * The sum of the 16-bit words of len (below 2^18) bytes, an odd last byte filled up with zero;
 * neither folded nor complemented.
 */
uint64_t checksum_add(const uint8_t *at, size_t len);

/* The same as it is where there are no vectors of 64 bytes. */
uint64_t checksum_add_narrow(const uint8_t *at, size_t len);

/* Folded to 16 bits and complemented, as it goes into a header. */
static inline uint16_t checksum_finish(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
