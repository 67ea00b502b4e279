#include "bench/loadgen/frame.h"

#include <rte_ip.h>
#include <rte_udp.h>
#include <string.h>

#include "bench/loadgen/esp.h"

#define PORT_SIP     5060
#define PROTO_ESP    50
#define HOPS	     64

static size_t ip_bytes(const struct terminals *terminals)
{
	return terminals->statics.gateway.family == 4 ? sizeof(struct rte_ipv4_hdr)
						      : sizeof(struct rte_ipv6_hdr);
}

static void ip_write(const struct terminals *terminals, uint32_t terminal, uint8_t protocol,
		     size_t payload, uint8_t *at)
{
	struct contract_address from = static_terminal_address(&terminals->statics, terminal);
	const struct contract_address *to = &terminals->statics.gateway;
	struct rte_ipv4_hdr v4 = {.version_ihl = 0x45,
				  .total_length =
					  rte_cpu_to_be_16((uint16_t)(sizeof(v4) + payload)),
				  .time_to_live = HOPS,
				  .next_proto_id = protocol};
	struct rte_ipv6_hdr v6 = {.vtc_flow = RTE_BE32(0x60000000),
				  .payload_len = rte_cpu_to_be_16((uint16_t)payload),
				  .proto = protocol,
				  .hop_limits = HOPS};

	if (to->family == 4) {
		memcpy(&v4.src_addr, from.bytes, 4);
		memcpy(&v4.dst_addr, to->bytes, 4);
		v4.hdr_checksum = rte_ipv4_cksum(&v4);
		memcpy(at, &v4, sizeof(v4));
		return;
	}
	memcpy(v6.src_addr, from.bytes, 16);
	memcpy(v6.dst_addr, to->bytes, 16);
	memcpy(at, &v6, sizeof(v6));
}

static void udp_write(struct slice text, uint8_t *at)
{
	const struct rte_udp_hdr udp = {
		.src_port = RTE_BE16(PORT_SIP),
		.dst_port = RTE_BE16(PORT_SIP),
		.dgram_len = rte_cpu_to_be_16((uint16_t)(sizeof(udp) + text.len)),
	};

	memcpy(at, &udp, sizeof(udp));
	memcpy(at + sizeof(udp), text.at, text.len);
}

/* What the kernel at the other end of a veth insists on. */
static void udp_checksum(const struct terminals *terminals, uint8_t *ip)
{
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(void *)(ip + ip_bytes(terminals));

	udp->dgram_cksum =
		terminals->statics.gateway.family == 4
			? rte_ipv4_udptcp_cksum((const struct rte_ipv4_hdr *)(void *)ip, udp)
			: rte_ipv6_udptcp_cksum((const struct rte_ipv6_hdr *)(void *)ip, udp);
}

size_t frame_write(struct terminals *terminals, const struct frame_link *link, uint32_t terminal,
		   bool is_clear, struct slice text, uint8_t frame[FRAME_BYTES_MAX])
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)(void *)frame;
	uint8_t *ip = frame + sizeof(*ether), *payload = ip + ip_bytes(terminals);
	size_t length = sizeof(struct rte_udp_hdr) + text.len;

	if ((size_t)(payload - frame) + length + ESP_OVERHEAD_BYTES > FRAME_BYTES_MAX)
		return 0;
	ether->dst_addr = link->gateway;
	ether->src_addr = link->own;
	ether->ether_type = terminals->statics.gateway.family == 4
				    ? RTE_BE16(RTE_ETHER_TYPE_IPV4)
				    : RTE_BE16(RTE_ETHER_TYPE_IPV6);
	if (is_clear) {
		udp_write(text, payload);
		ip_write(terminals, terminal, IPPROTO_UDP, length, ip);
		udp_checksum(terminals, ip);
		return (size_t)(payload - frame) + length;
	}
	udp_write(text, payload + ESP_CLEAR_BYTES);
	length = esp_close(terminals, terminal, payload, length);
	ip_write(terminals, terminal, PROTO_ESP, length, ip);
	return length == 0 ? 0 : (size_t)(payload - frame) + length;
}

/* The IP header: from the gateway, to a terminal, nothing before or behind. */
static const char *ip_read(const struct terminals *terminals, const uint8_t *ip, size_t length,
			   uint8_t *protocol, size_t *payload, uint32_t *terminal)
{
	struct contract_address to = {.family = terminals->statics.gateway.family};
	bool is_v4 = to.family == 4;
	const uint8_t *own = terminals->statics.gateway.bytes;
	size_t whole;

	if (length < ip_bytes(terminals) || ip[0] >> 4 != to.family || (is_v4 && ip[0] != 0x45))
		return "a frame is not IP of the right family";
	whole = is_v4 ? (size_t)(ip[2] << 8 | ip[3])
		      : (size_t)(ip[4] << 8 | ip[5]) + sizeof(struct rte_ipv6_hdr);
	if (whole < ip_bytes(terminals) || whole > length)
		return "a frame is cut off";
	if (is_v4 && ((ip[6] & 0x3f) != 0 || ip[7] != 0))
		return "a packet was cut in pieces";
	if (memcmp(ip + (is_v4 ? 12 : 8), own, is_v4 ? 4 : 16) != 0)
		return "a packet is not from the gateway's address";
	memcpy(to.bytes, ip + (is_v4 ? 16 : 24), is_v4 ? 4 : 16);
	*terminal = static_terminal_of(&terminals->statics, &to);
	*protocol = ip[is_v4 ? 9 : 6];
	*payload = whole - ip_bytes(terminals);
	return *terminal == 0 ? "a packet is for no terminal" : NULL;
}

static const char *udp_read(const uint8_t *at, size_t length, struct slice *text)
{
	struct rte_udp_hdr udp;

	if (length < sizeof(udp))
		return "a UDP datagram is cut off";
	memcpy(&udp, at, sizeof(udp));
	if (udp.src_port != RTE_BE16(PORT_SIP) || udp.dst_port != RTE_BE16(PORT_SIP))
		return "a UDP datagram is not from port 5060 to port 5060";
	if (rte_be_to_cpu_16(udp.dgram_len) != length)
		return "a UDP datagram is not as long as it says";
	*text = slice_make(at + sizeof(udp), length - sizeof(udp));
	return NULL;
}

uint32_t frame_terminal(const struct terminals *terminals, const uint8_t *frame, size_t length)
{
	size_t skip = sizeof(struct rte_ether_hdr), payload;
	uint32_t terminal = 0;
	uint8_t protocol;

	if (length < skip)
		return 0;
	return ip_read(terminals, frame + skip, length - skip, &protocol, &payload, &terminal)
		       ? 0
		       : terminal;
}

bool frame_is_udp(const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + sizeof(struct rte_ether_hdr);

	return length >= sizeof(struct rte_ether_hdr) + sizeof(struct rte_ipv4_hdr) &&
	       ip[ip[0] >> 4 == 4 ? 9 : 6] == IPPROTO_UDP;
}

const char *frame_read(struct terminals *terminals, bool is_clear, uint8_t *frame, size_t length,
		       struct frame_in *in)
{
	size_t skip = sizeof(struct rte_ether_hdr), payload = 0;
	uint8_t *at = frame + skip + ip_bytes(terminals), protocol = 0;
	const char *complaint;

	if (length < skip)
		return "a frame is cut off";
	complaint = ip_read(terminals, frame + skip, length - skip, &protocol, &payload,
			    &in->terminal);
	if (complaint)
		return complaint;
	in->number = TERMINAL_NUMBER_NEW;
	if (is_clear)
		return protocol == IPPROTO_UDP ? udp_read(at, payload, &in->text)
					       : "a packet is not UDP";
	if (protocol != PROTO_ESP)
		return "a packet is not ESP";
	complaint = esp_open_packet(terminals, in->terminal, at, payload, &payload, &in->number);
	return complaint ? complaint : udp_read(at + ESP_CLEAR_BYTES, payload, &in->text);
}
