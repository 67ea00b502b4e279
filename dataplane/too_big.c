#include "dataplane/too_big.h"

#include <string.h>

#include <netinet/in.h>

#include "dataplane/ip_header.h"

#define ICMP_BYTES     8
#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8
#define UDP_BYTES      8
#define ESP_BYTES      8 /* SPI and number */

#define ICMP_UNREACHABLE   3 /* code 4: fragmentation needed and DF set */
#define ICMP_FRAGMENTATION 4
#define ICMP6_TOO_BIG	   2

static uint16_t read_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t read_be32(const uint8_t *at)
{
	return (uint32_t)read_be16(at) << 16 | read_be16(at + 2);
}

/* What is left of the quoted packet, from some header of it on: a quote is seldom whole. */
struct rest {
	const uint8_t *at;
	size_t length;
	uint8_t protocol;
};

static bool rest_skip(struct rest *rest, size_t bytes)
{
	if (rest->length < bytes)
		return false;
	rest->at += bytes;
	rest->length -= bytes;
	return true;
}

static bool ipv4_skip(struct rest *rest, struct too_big *too_big)
{
	const uint8_t *ip = rest->at;

	if (rest->length < IPV4_BYTES || ip[0] >> 4 != 4 || (read_be16(ip + 6) & 0x1fff) != 0)
		return false;
	too_big->quoted_bytes = read_be16(ip + 2);
	too_big->quote.source.family = too_big->quote.destination.family = 4;
	memcpy(too_big->quote.source.bytes, ip + 12, 4);
	memcpy(too_big->quote.destination.bytes, ip + 16, 4);
	rest->protocol = ip[9];
	return (ip[0] & 15) >= IPV4_BYTES / 4 && rest_skip(rest, (size_t)(ip[0] & 15) * 4);
}

static bool ipv6_skip(struct rest *rest, struct too_big *too_big)
{
	const uint8_t *ip = rest->at;

	if (rest->length < IPV6_BYTES || ip[0] >> 4 != 6 ||
	    read_be16(ip + 4) > UINT16_MAX - IPV6_BYTES)
		return false;
	too_big->quoted_bytes = (uint16_t)(IPV6_BYTES + read_be16(ip + 4));
	too_big->quote.source.family = too_big->quote.destination.family = 6;
	memcpy(too_big->quote.source.bytes, ip + 8, 16);
	memcpy(too_big->quote.destination.bytes, ip + 24, 16);
	rest->protocol = ip[6];
	if (!rest_skip(rest, IPV6_BYTES))
		return false;
	if (rest->protocol != IPPROTO_FRAGMENT)
		return true;
	/* Only the first fragment of what we cut has an SPI. */
	if (rest->length < FRAGMENT_BYTES || (read_be16(rest->at + 2) & 0xfff8) != 0)
		return false;
	rest->protocol = rest->at[0];
	return rest_skip(rest, FRAGMENT_BYTES);
}

static bool esp_read(struct rest *rest, struct too_big *too_big)
{
	if (rest->protocol == IPPROTO_UDP) {
		if (rest->length < UDP_BYTES)
			return false;
		too_big->quote.source.port = read_be16(rest->at);
		too_big->quote.destination.port = read_be16(rest->at + 2);
		(void)rest_skip(rest, UDP_BYTES);
	} else if (rest->protocol != IPPROTO_ESP) {
		return false;
	}
	if (rest->length < ESP_BYTES)
		return false;
	too_big->quote.spi = read_be32(rest->at);
	too_big->sequence = read_be32(rest->at + 4);
	return true;
}

bool too_big_read(const uint8_t *ip, size_t length, struct too_big *too_big)
{
	struct too_big read = {0};
	struct ip_header header;
	struct rest rest;
	const uint8_t *icmp;
	bool is_ipv4;

	if (ip_header_parse(ip, length, &header) != RESULT_OK || header.is_fragment ||
	    header.length - header.payload < ICMP_BYTES)
		return false;
	icmp = ip + header.payload;
	is_ipv4 = header.source.family == 4;
	if (is_ipv4 ? header.protocol != IPPROTO_ICMP || icmp[0] != ICMP_UNREACHABLE ||
			      icmp[1] != ICMP_FRAGMENTATION
		    : header.protocol != IPPROTO_ICMPV6 || icmp[0] != ICMP6_TOO_BIG)
		return false;
	if (!ip_icmp_is_intact(&header, icmp))
		return false;
	read.path_bytes = is_ipv4 ? read_be16(icmp + 6) : read_be32(icmp + 4);
	rest = (struct rest){icmp, (size_t)(header.length - header.payload), 0};
	if (!rest_skip(&rest, ICMP_BYTES) ||
	    !(is_ipv4 ? ipv4_skip(&rest, &read) : ipv6_skip(&rest, &read)) ||
	    !esp_read(&rest, &read))
		return false;
	*too_big = read;
	return true;
}
