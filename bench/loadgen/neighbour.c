#include "bench/loadgen/neighbour.h"

#include <netinet/in.h>
#include <rte_arp.h>
#include <rte_ip.h>
#include <string.h>

#define ICMP6_SOLICIT	135
#define ICMP6_ADVERTISE 136
#define OPTION_SOURCE	1
#define OPTION_TARGET	2
#define SOLICITED_OVERRIDE 0x60

/* Solicitation and advertisement alike: RFC 4861 4.3, 4.4, with one link-layer address. */
struct discovery {
	uint8_t type, code;
	uint16_t checksum;
	uint8_t flags, reserved[3];
	uint8_t target[16];
	uint8_t option, option_words;
	struct rte_ether_addr mac;
};

struct discovery_frame {
	struct rte_ether_hdr ether;
	struct rte_ipv6_hdr ip;
	struct discovery discovery;
} __attribute__((packed, aligned(2)));

struct arp_frame {
	struct rte_ether_hdr ether;
	struct rte_arp_hdr arp;
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct discovery_frame) == NEIGHBOUR_FRAME_BYTES, "the longest of them");

static bool arp_read(const uint8_t *frame, size_t length, struct arp_frame *arp)
{
	if (length < sizeof(*arp))
		return false;
	memcpy(arp, frame, sizeof(*arp));
	return arp->ether.ether_type == RTE_BE16(RTE_ETHER_TYPE_ARP) &&
	       arp->arp.arp_protocol == RTE_BE16(RTE_ETHER_TYPE_IPV4) && arp->arp.arp_hlen == 6 &&
	       arp->arp.arp_plen == 4;
}

/* Options may be missing (a solicitation from nobody in particular): then the Ethernet source is
 * as good. */
static bool discovery_read(const uint8_t *frame, size_t length, struct discovery_frame *read)
{
	const size_t least = sizeof(*read) - 8;

	if (length < least)
		return false;
	memset(read, 0, sizeof(*read));
	memcpy(read, frame, length < sizeof(*read) ? least : sizeof(*read));
	if (read->discovery.option_words != 1)
		read->discovery.mac = read->ether.src_addr;
	return read->ether.ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6) &&
	       read->ip.proto == IPPROTO_ICMPV6 &&
	       (read->discovery.type == ICMP6_SOLICIT || read->discovery.type == ICMP6_ADVERTISE);
}

bool neighbour_is_frame(const uint8_t *frame, size_t length)
{
	struct discovery_frame discovery;
	struct arp_frame arp;

	return arp_read(frame, length, &arp) || discovery_read(frame, length, &discovery);
}

static size_t arp_write(const struct neighbour *neighbour, uint16_t opcode,
			const struct rte_ether_addr *to, const uint8_t *target, uint8_t *out)
{
	struct arp_frame frame = {
		.ether = {.dst_addr = *to,
			  .src_addr = neighbour->own,
			  .ether_type = RTE_BE16(RTE_ETHER_TYPE_ARP)},
		.arp = {.arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER),
			.arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4),
			.arp_hlen = 6,
			.arp_plen = 4,
			.arp_opcode = rte_cpu_to_be_16(opcode),
			.arp_data.arp_sha = neighbour->own},
	};

	memcpy(&frame.arp.arp_data.arp_sip, neighbour->router.bytes, 4);
	memcpy(&frame.arp.arp_data.arp_tip, target, 4);
	if (opcode == RTE_ARP_OP_REPLY)
		frame.arp.arp_data.arp_tha = *to;
	memcpy(out, &frame, sizeof(frame));
	return sizeof(frame);
}

static size_t discovery_write(const struct neighbour *neighbour, uint8_t type,
			      const struct rte_ether_addr *mac, const uint8_t *to,
			      const uint8_t *target, uint8_t *out)
{
	struct discovery_frame frame = {
		.ether = {.dst_addr = *mac,
			  .src_addr = neighbour->own,
			  .ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV6)},
		.ip = {.vtc_flow = RTE_BE32(0x60000000),
		       .payload_len = RTE_BE16(sizeof(struct discovery)),
		       .proto = IPPROTO_ICMPV6,
		       .hop_limits = 255},
		.discovery = {.type = type,
			      .flags = type == ICMP6_ADVERTISE ? SOLICITED_OVERRIDE : 0,
			      .option = type == ICMP6_ADVERTISE ? OPTION_TARGET : OPTION_SOURCE,
			      .option_words = 1,
			      .mac = neighbour->own},
	};
	struct rte_ipv6_hdr ip;

	memcpy(frame.ip.src_addr, neighbour->router.bytes, 16);
	memcpy(frame.ip.dst_addr, to, 16);
	memcpy(frame.discovery.target, target, 16);
	ip = frame.ip;
	frame.discovery.checksum = rte_ipv6_udptcp_cksum(&ip, &frame.discovery);
	memcpy(out, &frame, sizeof(frame));
	return sizeof(frame);
}

static void learn(struct neighbour *neighbour, const uint8_t *address, size_t bytes,
		  const struct rte_ether_addr *mac)
{
	if (memcmp(address, neighbour->gateway.bytes, bytes) != 0)
		return;
	neighbour->gateway_mac = *mac;
	neighbour->is_known = true;
}

static size_t arp_take(struct neighbour *neighbour, const struct arp_frame *arp, uint8_t *answer)
{
	uint8_t from[4], to[4];

	memcpy(from, &arp->arp.arp_data.arp_sip, 4);
	memcpy(to, &arp->arp.arp_data.arp_tip, 4);
	if (neighbour->gateway.family == 4)
		learn(neighbour, from, 4, &arp->arp.arp_data.arp_sha);
	if (arp->arp.arp_opcode != RTE_BE16(RTE_ARP_OP_REQUEST) || neighbour->router.family != 4 ||
	    memcmp(to, neighbour->router.bytes, 4) != 0)
		return 0;
	return arp_write(neighbour, RTE_ARP_OP_REPLY, &arp->arp.arp_data.arp_sha, from, answer);
}

static size_t discovery_take(struct neighbour *neighbour, const struct discovery_frame *in,
			     uint8_t *answer)
{
	bool is_question = in->discovery.type == ICMP6_SOLICIT;

	if (neighbour->gateway.family == 6)
		learn(neighbour, is_question ? in->ip.src_addr : in->discovery.target, 16,
		      &in->discovery.mac);
	if (!is_question || neighbour->router.family != 6 ||
	    memcmp(in->discovery.target, neighbour->router.bytes, 16) != 0)
		return 0;
	return discovery_write(neighbour, ICMP6_ADVERTISE, &in->discovery.mac, in->ip.src_addr,
			       neighbour->router.bytes, answer);
}

size_t neighbour_take(struct neighbour *neighbour, const uint8_t *frame, size_t length,
		      uint8_t answer[NEIGHBOUR_FRAME_BYTES])
{
	struct discovery_frame discovery;
	struct arp_frame arp;

	if (arp_read(frame, length, &arp))
		return arp_take(neighbour, &arp, answer);
	if (discovery_read(frame, length, &discovery))
		return discovery_take(neighbour, &discovery, answer);
	return 0;
}

size_t neighbour_ask(const struct neighbour *neighbour, uint8_t frame[NEIGHBOUR_FRAME_BYTES])
{
	static const struct rte_ether_addr everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	const uint8_t *gateway = neighbour->gateway.bytes;
	struct rte_ether_addr group = {{0x33, 0x33, 0xff}};
	/* The solicited-node group (RFC 4291 2.7.1). */
	uint8_t to[16] = {0xff, 0x02, [11] = 1, [12] = 0xff};

	if (neighbour->gateway.family == 4)
		return arp_write(neighbour, RTE_ARP_OP_REQUEST, &everybody, gateway, frame);
	memcpy(to + 13, gateway + 13, 3);
	memcpy(group.addr_bytes + 3, gateway + 13, 3);
	return discovery_write(neighbour, ICMP6_SOLICIT, &group, to, gateway, frame);
}
