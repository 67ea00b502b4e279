#include "tests/unit/dataplane_process/icmp_kit.h"

#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

static void put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value & 0xffff);
}

static void address_set(struct contract_address *address, int family, const char *text,
			uint16_t port)
{
	*address = (struct contract_address){.family = (uint8_t)family, .port = port};
	(void)inet_pton(family == 4 ? AF_INET : AF_INET6, text, address->bytes);
}

struct icmp_said icmp_said(int family, bool is_in_udp)
{
	struct icmp_said said = {
		.spi = 0x1234,
		.sequence = 77,
		.path_bytes = 1400,
		.quoted_bytes = 1500,
		.quoted = 100,
		.type = family == 4 ? 3 : 2,
		.code = family == 4 ? 4 : 0,
		.protocol = is_in_udp ? IPPROTO_UDP : IPPROTO_ESP,
		.is_in_udp = is_in_udp,
	};

	address_set(&said.source, family, family == 4 ? "192.0.2.60" : "2001:db8::60",
		    is_in_udp ? 4500 : 0);
	address_set(&said.destination, family, family == 4 ? "192.0.2.10" : "2001:db8::10",
		    is_in_udp ? 31000 : 0);
	return said;
}

/* Its headers up to the number; how many bytes. */
static size_t quote_write(const struct icmp_said *said, uint8_t *at)
{
	size_t ip = said->source.family == 4 ? 20 : 40;

	if (ip == 20) {
		at[0] = 0x45;
		put_be16(at + 2, said->quoted_bytes);
		put_be16(at + 6, 0x4000 | said->fragment_offset / 8);
		at[9] = said->protocol;
		memcpy(at + 12, said->source.bytes, 4);
		memcpy(at + 16, said->destination.bytes, 4);
	} else {
		at[0] = 0x60;
		put_be16(at + 4, said->quoted_bytes - 40u);
		at[6] = said->is_fragment ? IPPROTO_FRAGMENT : said->protocol;
		memcpy(at + 8, said->source.bytes, 16);
		memcpy(at + 24, said->destination.bytes, 16);
	}
	if (said->is_fragment) {
		at[ip] = said->protocol;
		put_be16(at + ip + 2, said->fragment_offset | 1u);
		ip += 8;
	}
	if (said->is_in_udp) {
		put_be16(at + ip, said->source.port);
		put_be16(at + ip + 2, said->destination.port);
		ip += 8;
	}
	put_be32(at + ip, said->spi);
	put_be32(at + ip + 4, said->sequence);
	return ip + 8;
}

/* Ones' complement of the sum, carried on. */
static unsigned sum(unsigned from, const uint8_t *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		from += i % 2 ? at[i] : (unsigned)at[i] << 8;
	while (from >> 16)
		from = (from & 0xffff) + (from >> 16);
	return from;
}

void icmp_sum(uint8_t *packet, size_t length)
{
	bool is_ipv4 = packet[0] >> 4 == 4;
	size_t ip = is_ipv4 ? 20 : 40;
	unsigned from = 0;

	if (is_ipv4) {
		put_be16(packet + 10, 0);
		put_be16(packet + 10, ~sum(0, packet, ip) & 0xffff);
	} else {
		from = sum(IPPROTO_ICMPV6 + (unsigned)(length - ip), packet + 8, 32);
	}
	put_be16(packet + ip + 2, 0);
	put_be16(packet + ip + 2, ~sum(from, packet + ip, length - ip) & 0xffff);
}

size_t icmp_write(const struct icmp_said *said, uint8_t packet[ICMP_KIT_BYTES])
{
	bool is_ipv4 = said->source.family == 4;
	size_t ip = is_ipv4 ? 20 : 40, length = ip + 8 + said->quoted;
	struct contract_address router;

	memset(packet, 0, ICMP_KIT_BYTES);
	address_set(&router, said->source.family, is_ipv4 ? "203.0.113.1" : "2001:db8:ffff::1", 0);
	packet[0] = is_ipv4 ? 0x45 : 0x60;
	put_be16(packet + (is_ipv4 ? 2 : 4), (unsigned)(is_ipv4 ? length : length - 40));
	packet[is_ipv4 ? 9 : 6] = is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	memcpy(packet + (is_ipv4 ? 12 : 8), router.bytes, is_ipv4 ? 4 : 16);
	memcpy(packet + (is_ipv4 ? 16 : 24), said->source.bytes, is_ipv4 ? 4 : 16);
	packet[ip] = said->type;
	packet[ip + 1] = said->code;
	put_be32(packet + ip + 4, said->path_bytes);
	(void)quote_write(said, packet + ip + 8);
	memset(packet + length, 0, ICMP_KIT_BYTES - length);
	icmp_sum(packet, length);
	packet[ip + 2] ^= said->is_checksum_wrong;
	return length;
}
