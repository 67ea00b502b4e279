#include "dataplane/ip_header.h"

#include <string.h>

#include <netinet/in.h>

#include "dataplane/esp/checksum.h"

#define IPV4_BYTES	     20
#define IPV6_BYTES	     40
#define UDP_BYTES	     8
#define EXTENSIONS_MAX	     8
#define IPV4_MORE_FRAGMENTS  0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define HOP_LIMIT	     64

static uint16_t read_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void write_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Of four bytes as they lie in memory, for a sum of 16-bit words: one of 32 bits counts like its two. */
static uint64_t word_at(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* A plain IPv4 header's words: five, not worth a vector. */
static uint64_t ipv4_sum(const uint8_t *at)
{
	return word_at(at) + word_at(at + 4) + word_at(at + 8) + word_at(at + 12) +
	       word_at(at + 16);
}

static enum result ipv4_parse(const uint8_t *at, size_t length, struct ip_header *header)
{
	size_t header_bytes;
	uint16_t fragment;
	uint64_t sum;

	if (length < IPV4_BYTES)
		return RESULT_BAD;
	header_bytes = (size_t)(at[0] & 0x0f) * 4;
	header->length = read_be16(at + 2);
	if (header_bytes < IPV4_BYTES || header->length < header_bytes || header->length > length)
		return RESULT_BAD;
	sum = ipv4_sum(at);
	if (header_bytes > IPV4_BYTES)
		sum += checksum_add(at + IPV4_BYTES, header_bytes - IPV4_BYTES);
	if (checksum_finish(sum) != 0)
		return RESULT_BAD;
	fragment = read_be16(at + 6);
	header->is_fragment = (fragment & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET)) != 0;
	header->fragment_offset = (uint16_t)((fragment & IPV4_FRAGMENT_OFFSET) * 8);
	header->is_first_fragment = header->fragment_offset == 0;
	header->is_last_fragment = (fragment & IPV4_MORE_FRAGMENTS) == 0;
	header->fragment_id = read_be16(at + 4);
	header->has_options = header_bytes > IPV4_BYTES;
	header->protocol = at[9];
	header->payload = (uint16_t)header_bytes;
	header->source.family = header->destination.family = 4;
	memcpy(header->source.bytes, at + 12, 4);
	memcpy(header->destination.bytes, at + 16, 4);
	return RESULT_OK;
}

static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_AH ||
	       protocol == IPPROTO_FRAGMENT;
}

/* One extension header at header->payload: what it says, and where the next one stands. */
static enum result extension_skip(const uint8_t *at, struct ip_header *header)
{
	size_t left = (size_t)header->length - header->payload;
	const uint8_t *extension = at + header->payload;
	size_t bytes;

	if (left < 8)
		return RESULT_BAD;
	bytes = ((size_t)extension[1] + 1) * 8;
	if (header->protocol == IPPROTO_FRAGMENT) {
		uint16_t fragment = read_be16(extension + 2);

		bytes = 8;
		header->is_fragment = (fragment & 0xfff9) != 0;
		header->fragment_offset = fragment & 0xfff8;
		header->is_first_fragment = header->fragment_offset == 0;
		header->is_last_fragment = (fragment & 1) == 0;
		header->fragment_id =
			(uint32_t)read_be16(extension + 4) << 16 | read_be16(extension + 6);
	} else {
		header->has_options = true;
		if (header->protocol == IPPROTO_AH)
			bytes = ((size_t)extension[1] + 2) * 4;
	}
	if (bytes > left)
		return RESULT_BAD;
	header->protocol = extension[0];
	header->payload = (uint16_t)(header->payload + bytes);
	return RESULT_OK;
}

static enum result ipv6_parse(const uint8_t *at, size_t length, struct ip_header *header)
{
	unsigned extensions = 0;

	if (length < IPV6_BYTES || read_be16(at + 4) > length - IPV6_BYTES)
		return RESULT_BAD;
	if (read_be16(at + 4) > UINT16_MAX - IPV6_BYTES)
		return RESULT_BAD;
	header->length = (uint16_t)(IPV6_BYTES + read_be16(at + 4));
	header->protocol = at[6];
	header->payload = IPV6_BYTES;
	header->is_first_fragment = true;
	header->is_last_fragment = true;
	header->source.family = header->destination.family = 6;
	memcpy(header->source.bytes, at + 8, 16);
	memcpy(header->destination.bytes, at + 24, 16);
	while (header->is_first_fragment && is_extension(header->protocol)) {
		if (++extensions > EXTENSIONS_MAX || extension_skip(at, header) != RESULT_OK)
			return RESULT_BAD;
	}
	return RESULT_OK;
}

enum result ip_header_parse(const uint8_t *at, size_t length, struct ip_header *header)
{
	struct ip_header parsed = {0};
	enum result result = RESULT_BAD;

	if (length >= 1 && at[0] >> 4 == 4)
		result = ipv4_parse(at, length, &parsed);
	else if (length >= 1 && at[0] >> 4 == 6)
		result = ipv6_parse(at, length, &parsed);
	if (result == RESULT_OK)
		*header = parsed;
	return result;
}

bool ip_header_is_intact(const uint8_t *at)
{
	return checksum_finish(ipv4_sum(at)) == 0;
}

void ip_header_checksum_set(uint8_t *at)
{
	write_be16(at + 10, 0);
	write_be16(at + 10, ntohs(checksum_finish(ipv4_sum(at))));
}

static uint64_t address_sum(const struct contract_address *address)
{
	const uint8_t *at = address->bytes;

	if (address->family == 4)
		return word_at(at);
	return word_at(at) + word_at(at + 4) + word_at(at + 8) + word_at(at + 12);
}

static void ipv4_write(uint8_t *at, const struct contract_address *source,
		       const struct contract_address *destination, uint8_t protocol, uint8_t dscp,
		       uint16_t payload)
{
	uint16_t header[6] = {htons((uint16_t)(0x4500 | dscp << 2)),
			      htons((uint16_t)(IPV4_BYTES + payload)), 0, 0,
			      htons((uint16_t)(HOP_LIMIT << 8 | protocol)), 0};

	header[5] = checksum_finish((uint64_t)header[0] + header[1] + header[4] +
				    address_sum(source) + address_sum(destination));
	memcpy(at, header, sizeof(header));
	memcpy(at + 12, source->bytes, 4);
	memcpy(at + 16, destination->bytes, 4);
}

static void ipv6_write(uint8_t *at, const struct contract_address *source,
		       const struct contract_address *destination, uint8_t protocol, uint8_t dscp,
		       uint16_t payload)
{
	at[0] = (uint8_t)(0x60 | dscp >> 2);
	at[1] = (uint8_t)(dscp << 6);
	at[2] = at[3] = 0;
	write_be16(at + 4, payload);
	at[6] = protocol;
	at[7] = HOP_LIMIT;
	memcpy(at + 8, source->bytes, 16);
	memcpy(at + 24, destination->bytes, 16);
}

size_t ip_header_write(uint8_t *at, const struct contract_address *source,
		       const struct contract_address *destination, uint8_t protocol, uint8_t dscp,
		       uint16_t payload)
{
	if (source->family == 4) {
		ipv4_write(at, source, destination, protocol, dscp, payload);
		return IPV4_BYTES;
	}
	ipv6_write(at, source, destination, protocol, dscp, payload);
	return IPV6_BYTES;
}

/* RFC 768, RFC 8200 8.1. */
static uint64_t pseudo_header_sum(const struct contract_address *source,
				  const struct contract_address *destination, uint8_t protocol,
				  uint16_t length)
{
	return (uint64_t)htons(protocol) + htons(length) + address_sum(source) +
	       address_sum(destination);
}

/* Over the pseudo header and the datagram; 0 where its checksum is right. */
static uint16_t datagram_checksum(const struct contract_address *source,
				  const struct contract_address *destination, uint8_t protocol,
				  const uint8_t *at, uint16_t length)
{
	return checksum_finish(pseudo_header_sum(source, destination, protocol, length) +
			       checksum_add(at, length));
}

/* The header is summed where it is worked out: read where it has just been written in parts it would
 * be waited for (decision 34). */
void ip_udp_write(uint8_t *udp, const struct contract_address *source,
		  const struct contract_address *destination, uint16_t length)
{
	uint16_t header[4] = {htons(source->port), htons(destination->port), htons(length), 0};
	uint64_t sum = pseudo_header_sum(source, destination, IPPROTO_UDP, length) + header[0] +
		       header[1] + header[2];

	header[3] = checksum_finish(sum + checksum_add(udp + UDP_BYTES, length - (size_t)UDP_BYTES));
	if (header[3] == 0)
		header[3] = 0xffff; /* 0 would say that there is none */
	memcpy(udp, header, sizeof(header));
}

bool ip_udp_is_intact(const struct contract_address *source,
		      const struct contract_address *destination, const uint8_t *udp,
		      uint16_t length)
{
	if (source->family == 4 && read_be16(udp + 6) == 0)
		return true;
	return datagram_checksum(source, destination, IPPROTO_UDP, udp, length) == 0;
}

bool ip_icmp_is_intact(const struct ip_header *header, const uint8_t *icmp)
{
	uint16_t length = (uint16_t)(header->length - header->payload);

	if (header->protocol == IPPROTO_ICMP)
		return checksum_finish(checksum_add(icmp, length)) == 0;
	return datagram_checksum(&header->source, &header->destination, IPPROTO_ICMPV6, icmp,
				 length) == 0;
}
