#include "dataplane/ip_fragment.h"

#include <stdbool.h>
#include <string.h>

#include <netinet/in.h>

#include "dataplane/ip_header.h"

#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8 /* IPv6's fragment header */

static bool is_ipv4(const uint8_t *packet)
{
	return packet[0] >> 4 == 4;
}

static size_t header_bytes(const uint8_t *packet)
{
	return is_ipv4(packet) ? IPV4_BYTES : IPV6_BYTES;
}

/* Payload of every fragment but the last: what fits, in units of 8 bytes. */
static size_t piece_bytes(const uint8_t *packet, uint16_t mtu)
{
	size_t headers = header_bytes(packet) + (is_ipv4(packet) ? 0 : FRAGMENT_BYTES);

	return (mtu - headers) & ~(size_t)7;
}

size_t ip_fragment_count(const uint8_t *packet, size_t length, uint16_t mtu)
{
	size_t payload = length - header_bytes(packet), piece = piece_bytes(packet, mtu), count;

	if (length <= mtu)
		return 1;
	count = (payload + piece - 1) / piece;
	return count <= IP_FRAGMENTS_MAX ? count : 0;
}

static void write_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static size_t ipv4_write(const uint8_t *packet, size_t offset, size_t bytes, bool is_last,
			 uint32_t identification, uint8_t *out)
{
	memcpy(out, packet, IPV4_BYTES);
	write_be16(out + 2, (uint16_t)(IPV4_BYTES + bytes));
	write_be16(out + 4, (uint16_t)identification);
	write_be16(out + 6, (uint16_t)(offset / 8 | (is_last ? 0 : 0x2000)));
	ip_header_checksum_set(out);
	memcpy(out + IPV4_BYTES, packet + IPV4_BYTES + offset, bytes);
	return IPV4_BYTES + bytes;
}

static size_t ipv6_write(const uint8_t *packet, size_t offset, size_t bytes, bool is_last,
			 uint32_t identification, uint8_t *out)
{
	uint8_t *fragment = out + IPV6_BYTES;

	memcpy(out, packet, IPV6_BYTES);
	write_be16(out + 4, (uint16_t)(FRAGMENT_BYTES + bytes));
	out[6] = IPPROTO_FRAGMENT;
	fragment[0] = packet[6];
	fragment[1] = 0;
	write_be16(fragment + 2, (uint16_t)(offset | (is_last ? 0 : 1)));
	write_be16(fragment + 4, (uint16_t)(identification >> 16));
	write_be16(fragment + 6, (uint16_t)identification);
	memcpy(fragment + FRAGMENT_BYTES, packet + IPV6_BYTES + offset, bytes);
	return IPV6_BYTES + FRAGMENT_BYTES + bytes;
}

size_t ip_fragment_write(const uint8_t *packet, size_t length, uint16_t mtu, size_t index,
			 uint32_t identification, uint8_t *out)
{
	size_t payload = length - header_bytes(packet), piece = piece_bytes(packet, mtu);
	size_t offset = index * piece;
	bool is_last = offset + piece >= payload;
	size_t bytes = is_last ? payload - offset : piece;

	if (is_ipv4(packet))
		return ipv4_write(packet, offset, bytes, is_last, identification, out);
	return ipv6_write(packet, offset, bytes, is_last, identification, out);
}
