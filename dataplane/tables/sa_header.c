#include "dataplane/tables/sa_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "dataplane/esp/open.h"

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES  8
#define HOP_LIMIT  64

static uint32_t sum_words(const uint8_t *at, unsigned int len)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i + 1 < len; i += 2) {
		uint16_t word;

		memcpy(&word, at + i, sizeof(word));
		sum += word;
	}
	return sum;
}

/* RFC 791: no options, length zero, not to be fragmented, so that no identification is needed
 * (RFC 6864 4.1); its checksum field holds the plain sum of the rest. */
static uint8_t write_ipv4(uint8_t *at, const struct contract_address *local,
			  const struct contract_address *remote, uint8_t protocol, uint8_t dscp)
{
	uint32_t sum;
	uint16_t folded;

	memset(at, 0, IPV4_BYTES);
	at[0] = 0x45;
	at[1] = (uint8_t)(dscp << 2);
	at[6] = 0x40;
	at[8] = HOP_LIMIT;
	at[9] = protocol;
	memcpy(at + 12, local->bytes, 4);
	memcpy(at + 16, remote->bytes, 4);
	sum = sum_words(at, IPV4_BYTES);
	sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)((sum & 0xffff) + (sum >> 16));
	memcpy(at + 10, &folded, sizeof(folded));
	return IPV4_BYTES;
}

/* RFC 8200: payload length zero, no flow label. */
static uint8_t write_ipv6(uint8_t *at, const struct contract_address *local,
			  const struct contract_address *remote, uint8_t protocol, uint8_t dscp)
{
	memset(at, 0, IPV6_BYTES);
	at[0] = (uint8_t)(0x60 | dscp >> 2);
	at[1] = (uint8_t)(dscp << 6);
	at[6] = protocol;
	at[7] = HOP_LIMIT;
	memcpy(at + 8, local->bytes, 16);
	memcpy(at + 24, remote->bytes, 16);
	return IPV6_BYTES;
}

static uint8_t write_ip(uint8_t *at, const struct contract_address *local,
			const struct contract_address *remote, uint8_t protocol, uint8_t dscp)
{
	return local->family == 4 ? write_ipv4(at, local, remote, protocol, dscp)
				  : write_ipv6(at, local, remote, protocol, dscp);
}

static void write_udp(uint8_t *at, uint16_t from, uint16_t to)
{
	uint16_t ports[2] = {htons(from), htons(to)};

	memset(at, 0, UDP_BYTES);
	memcpy(at, ports, sizeof(ports));
}

/* Pseudo-header (RFC 768, RFC 8200 8.1) and ports, without the two lengths. */
static uint32_t udp_sum(const struct contract_address *local, const struct contract_address *remote)
{
	unsigned int len = local->family == 4 ? 4 : 16;

	return sum_words(local->bytes, len) + sum_words(remote->bytes, len) + htons(IPPROTO_UDP) +
	       htons(local->port) + htons(remote->port);
}

void sa_header_outer(struct sa_outer *outer, const struct contract_address *local,
		     const struct contract_address *remote, bool is_in_udp, uint8_t dscp)
{
	memset(outer, 0, sizeof(*outer));
	outer->is_ipv4 = local->family == 4;
	outer->len =
		write_ip(outer->header, local, remote, is_in_udp ? IPPROTO_UDP : IPPROTO_ESP, dscp);
	if (!is_in_udp)
		return;
	write_udp(outer->header + outer->len, local->port, remote->port);
	outer->len = (uint8_t)(outer->len + UDP_BYTES);
	outer->udp_sum = udp_sum(local, remote);
}

void sa_header_outer_to(struct sa_outer *outer, const struct sa_outer *like,
			const struct contract_address *remote)
{
	uint8_t ip_bytes = like->is_ipv4 ? IPV4_BYTES : IPV6_BYTES;
	bool is_in_udp = like->len > ip_bytes;
	struct contract_address local = {.family = like->is_ipv4 ? 4 : 6};
	uint16_t port = 0;
	uint8_t dscp = like->is_ipv4 ? like->header[1] >> 2
				     : (uint8_t)((like->header[0] & 15) << 2 | like->header[1] >> 6);

	memcpy(local.bytes, like->header + (like->is_ipv4 ? 12 : 8), like->is_ipv4 ? 4 : 16);
	if (is_in_udp)
		memcpy(&port, like->header + ip_bytes, sizeof(port));
	local.port = ntohs(port);
	sa_header_outer(outer, &local, remote, is_in_udp, dscp);
}

uint64_t sa_outer_tag(const struct contract_address *outer, bool is_in_udp)
{
	uint8_t address[16] = {0};

	memcpy(address, outer->bytes, outer->family == 4 ? 4 : 16);
	return esp_outer_tag(address, is_in_udp ? htons(outer->port) : 0);
}

void sa_header_inner(struct sa_out *out, const struct contract_address *local,
		     const struct contract_address *remote, uint8_t dscp)
{
	uint8_t len = 0;

	memset(out->inner_header, 0, sizeof(out->inner_header));
	if (out->flags & SA_IS_TUNNEL)
		len = write_ip(out->inner_header, local, remote, IPPROTO_UDP, dscp);
	write_udp(out->inner_header + len, local->port, remote->port);
	out->inner_len = (uint8_t)(len + UDP_BYTES);
	out->inner_udp_sum = udp_sum(local, remote);
	if (local->family == 4)
		out->flags |= SA_IS_INNER_IPV4;
}
