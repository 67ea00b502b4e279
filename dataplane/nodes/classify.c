/*
 * In: whole Ethernet frames from a port.
 * Out: ESP and UDP 4500 for us to esp_open, their fragments to reassemble, UDP 5060 for us to
 *      clear_in, all else to exception.
 * Drops: buffers_exhausted, fragment_refused, fragment_source, ip_header, ip_options, udp_header.
 */
#include "dataplane/nodes/classify.h"

#include <string.h>

#include <netinet/in.h>

#include <rte_ether.h>

#include "dataplane/drop_reason.h"
#include "dataplane/esp/open.h"
#include "dataplane/esp/outer.h"
#include "dataplane/io/port.h"
#include "dataplane/ip_header.h"
#include "dataplane/bounds.h"
#include "dataplane/nodes/node.h"
#include "dataplane/source_set.h"
#include "dataplane/nodes/forbid.h"

#define IPV4_BYTES	 20
#define IPV6_BYTES	 40
#define PLAIN_ESP_BEFORE (RTE_ETHER_HDR_LEN + IPV6_BYTES)
#define PLAIN_ESP_BYTES	 (PLAIN_ESP_BEFORE + ESP_HEADER_BYTES)

static enum classify_edge drop(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return CLASSIFY_DROP;
}

static bool is_ip(const struct rte_mbuf *mbuf)
{
	const struct rte_ether_hdr *ether = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);

	if (mbuf->data_len < sizeof(*ether))
		return false;
	return ether->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
	       ether->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6);
}

/* ESP, or what stands in its place in UDP: what opening it will read is on its way meanwhile. */
static enum classify_edge take_esp(const struct worker *worker, const uint8_t *esp, size_t length)
{
	if (length >= ESP_HEADER_BYTES)
		esp_open_look(worker->tables->sas, esp);
	return CLASSIFY_ESP_OPEN;
}

/* UDP: by its destination port, which only a whole datagram or a first fragment has. */
static enum classify_edge classify_udp(const struct worker *worker, struct packet *packet,
				       const struct ip_header *header, const uint8_t *udp)
{
	uint16_t port;

	/* From where SAs go everything is put together here first: any of it may be theirs. */
	if (header->is_fragment && source_set_has(worker->tables->sources, &header->source))
		return header->has_options ? drop(packet, DROP_ip_options) : CLASSIFY_REASSEMBLE;
	if (header->is_fragment && !header->is_first_fragment)
		return CLASSIFY_EXCEPTION;
	if (header->length - header->payload < UDP_HEADER_BYTES)
		return drop(packet, DROP_udp_header);
	port = (uint16_t)(udp[2] << 8 | udp[3]);
	if (port != PORT_SIP && port != PORT_ESP_IN_UDP)
		return CLASSIFY_EXCEPTION;
	if (header->is_fragment)
		return drop(packet, DROP_fragment_refused);
	if (header->has_options)
		return drop(packet, DROP_ip_options);
	packet->outer_source.port = (uint16_t)(udp[0] << 8 | udp[1]);
	packet->outer_destination.port = port;
	if (port == PORT_SIP)
		return CLASSIFY_CLEAR_IN;
	return take_esp(worker, udp + UDP_HEADER_BYTES,
			(size_t)header->length - header->payload - UDP_HEADER_BYTES);
}

/*
 * ESP right behind a plain IPv6 header to us, which is most of what comes: what the general way would
 * say, at a fifth of its cost. False: it is something else, and nothing is set but what that way sets, too.
 */
static bool plain_esp_take(const struct worker *worker, const struct port *port,
			   struct packet *packet)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	const struct rte_ether_hdr *ether = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);
	const uint8_t *ip = (const uint8_t *)(ether + 1);
	const uint8_t *own = port->address[1].bytes;

	if (mbuf->nb_segs != 1 || mbuf->data_len < PLAIN_ESP_BYTES ||
	    ether->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6) || ip[0] >> 4 != 6 ||
	    ip[6] != IPPROTO_ESP || (ip[4] << 8 | ip[5]) > mbuf->data_len - PLAIN_ESP_BEFORE ||
	    (ip[4] << 8 | ip[5]) < ESP_HEADER_BYTES || port->address[1].family != 6 ||
	    memcmp(ip + 24, own, 16) != 0)
		return false;
	esp_open_look(worker->tables->sas, ip + IPV6_BYTES);
	mbuf->l2_len = RTE_ETHER_HDR_LEN;
	packet->l3_offset = RTE_ETHER_HDR_LEN;
	packet->l4_offset = PLAIN_ESP_BEFORE;
	packet->outer_source.family = packet->outer_destination.family = 6;
	memcpy(packet->outer_source.bytes, ip + 8, 16);
	memcpy(packet->outer_destination.bytes, own, 16);
	return true;
}

/* Is this a plain UDP datagram to our SIP port, all of it in the `length` bytes at ip? */
static bool is_plain_sip(const uint8_t *ip, size_t length, size_t ip_bytes, size_t ip_length)
{
	const uint8_t *udp = ip + ip_bytes;

	return ip_length <= length && ip_length >= ip_bytes + UDP_HEADER_BYTES &&
	       (udp[2] << 8 | udp[3]) == PORT_SIP;
}

/* What classify_udp would say of it, addresses and all. */
static void plain_sip_set(struct packet *packet, const uint8_t *source, size_t address_bytes,
			  const struct contract_address *own, size_t ip_bytes)
{
	const uint8_t *udp = source + 2 * address_bytes;

	packet->mbuf->l2_len = RTE_ETHER_HDR_LEN;
	packet->l3_offset = RTE_ETHER_HDR_LEN;
	packet->l4_offset = (uint16_t)(RTE_ETHER_HDR_LEN + ip_bytes);
	packet->outer_source.family = packet->outer_destination.family = own->family;
	packet->outer_source.port = (uint16_t)(udp[0] << 8 | udp[1]);
	packet->outer_destination.port = PORT_SIP;
	memcpy(packet->outer_source.bytes, source, address_bytes);
	memcpy(packet->outer_destination.bytes, own->bytes, address_bytes);
}

/* SIP in a UDP datagram right behind a plain IPv6 header to us, likewise. */
static bool plain_sip6_take(const struct port *port, struct packet *packet)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	const struct rte_ether_hdr *ether = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);
	const struct contract_address *own = &port->address[1];
	const uint8_t *ip = (const uint8_t *)(ether + 1);

	if (mbuf->nb_segs != 1 || mbuf->data_len < PLAIN_ESP_BYTES ||
	    ether->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6) || ip[0] >> 4 != 6 ||
	    ip[6] != IPPROTO_UDP || own->family != 6 || memcmp(ip + 24, own->bytes, 16) != 0 ||
	    !is_plain_sip(ip, mbuf->data_len - RTE_ETHER_HDR_LEN, IPV6_BYTES,
			  IPV6_BYTES + (size_t)(ip[4] << 8 | ip[5])))
		return false;
	plain_sip_set(packet, ip + 8, 16, own, IPV6_BYTES);
	return true;
}

/* Behind an IPv4 header without options, of no fragment. */
static bool plain_sip4_take(const struct port *port, struct packet *packet)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	const struct rte_ether_hdr *ether = rte_pktmbuf_mtod(mbuf, const struct rte_ether_hdr *);
	const struct contract_address *own = &port->address[0];
	const uint8_t *ip = (const uint8_t *)(ether + 1);

	if (mbuf->nb_segs != 1 ||
	    mbuf->data_len < RTE_ETHER_HDR_LEN + IPV4_BYTES + UDP_HEADER_BYTES ||
	    ether->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4) || ip[0] != 0x45 ||
	    ip[9] != IPPROTO_UDP || (ip[6] & 0x3f) != 0 || ip[7] != 0 || own->family != 4 ||
	    memcmp(ip + 16, own->bytes, 4) != 0 || !ip_header_is_intact(ip) ||
	    !is_plain_sip(ip, mbuf->data_len - RTE_ETHER_HDR_LEN, IPV4_BYTES,
			  (size_t)(ip[2] << 8 | ip[3])))
		return false;
	plain_sip_set(packet, ip + 12, 4, own, IPV4_BYTES);
	return true;
}

enum classify_edge classify_step(struct worker *worker, struct packet *packet)
{
	const struct port *port = &worker->tables->ports->ports[packet->port];
	struct ip_header header;
	const uint8_t *at;

	if (plain_esp_take(worker, port, packet))
		return CLASSIFY_ESP_OPEN;
	if (plain_sip6_take(port, packet) || plain_sip4_take(port, packet))
		return CLASSIFY_CLEAR_IN;
	if (packet_flatten(worker, packet) != RESULT_OK)
		return drop(packet, DROP_buffers_exhausted);
	if (!is_ip(packet->mbuf))
		return CLASSIFY_EXCEPTION;
	at = rte_pktmbuf_mtod_offset(packet->mbuf, const uint8_t *, RTE_ETHER_HDR_LEN);
	if (ip_header_parse(at, (size_t)packet->mbuf->data_len - RTE_ETHER_HDR_LEN, &header) !=
	    RESULT_OK)
		return drop(packet, DROP_ip_header);
	if (!port_has_address(port, &header.destination))
		return CLASSIFY_EXCEPTION;
	packet->mbuf->l2_len = RTE_ETHER_HDR_LEN;
	packet->l3_offset = RTE_ETHER_HDR_LEN;
	packet->l4_offset = (uint16_t)(RTE_ETHER_HDR_LEN + header.payload);
	packet->outer_source = header.source;
	packet->outer_destination = header.destination;
	if (header.protocol == IPPROTO_UDP)
		return classify_udp(worker, packet, &header, at + header.payload);
	if (header.protocol != IPPROTO_ESP)
		return CLASSIFY_EXCEPTION;
	if (header.has_options)
		return drop(packet, DROP_ip_options);
	if (!header.is_fragment)
		return take_esp(worker, at + header.payload,
				(size_t)header.length - header.payload);
	if (!source_set_has(worker->tables->sources, &header.source))
		return drop(packet, DROP_fragment_source);
	return CLASSIFY_REASSEMBLE;
}

NODE_BURST(classify)
NODE_REGISTER(classify, "sk_esp_open", "sk_clear_in", "sk_reassemble", "sk_exception", "sk_drop")
