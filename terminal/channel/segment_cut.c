#include "terminal/channel/segment_cut.h"

#include <stdbool.h>
#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/checksum.h"

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define TCP_BYTES  20
#define UDP_BYTES  8

#define TCP_CHECKSUM 16 /* where in its header */
#define UDP_CHECKSUM 6
#define TCP_FLAGS    13
#define FIN_AND_PSH  0x09 /* the last segment's */
#define CWR	     0x80 /* the first segment's (RFC 3168 6.1.2) */

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

static bool is_ipv4(const struct segment_cut *cut)
{
	return cut->packet[0] >> 4 == 4;
}

/* Is it whole, no fragment, and does its transport begin where it is said to? */
static bool is_whole(const struct segment_cut *cut, uint8_t protocol)
{
	const uint8_t *packet = cut->packet;

	if (cut->len < IPV4_BYTES || cut->transport > cut->len)
		return false;
	if (is_ipv4(cut))
		return bytes_get_u16(packet + 2) == cut->len && packet[9] == protocol &&
		       (size_t)(packet[0] & 15) * 4 == cut->transport &&
		       cut->transport >= IPV4_BYTES &&
		       (bytes_get_u16(packet + 6) & 0x3fff) == 0; /* more, or an offset */
	/* Between IPv6's header and TCP others may stand: all segments have them. */
	return packet[0] >> 4 == 6 && cut->transport >= IPV6_BYTES &&
	       (cut->transport > IPV6_BYTES || packet[6] == protocol) &&
	       (size_t)bytes_get_u16(packet + 4) + IPV6_BYTES == cut->len;
}

static bool has_checksum_at(const struct virtio_net_hdr *how, unsigned offset)
{
	return (how->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && how->csum_offset == offset;
}

static enum result begin_tcp(struct segment_cut *cut, const struct virtio_net_hdr *how)
{
	uint8_t version = cut->kind == VIRTIO_NET_HDR_GSO_TCPV4 ? 4 : 6;
	size_t header;

	if (!has_checksum_at(how, TCP_CHECKSUM) || !is_whole(cut, PROTOCOL_TCP) ||
	    cut->packet[0] >> 4 != version || cut->transport + TCP_BYTES > cut->len)
		return RESULT_BAD;
	header = (size_t)(cut->packet[cut->transport + 12] >> 4) * 4;
	if (header < TCP_BYTES || cut->transport + header > cut->len)
		return RESULT_BAD;
	cut->header_len = cut->transport + header;
	return RESULT_OK;
}

static enum result begin_udp(struct segment_cut *cut, const struct virtio_net_hdr *how)
{
	if (!has_checksum_at(how, UDP_CHECKSUM) || !is_whole(cut, PROTOCOL_UDP) ||
	    cut->transport + UDP_BYTES > cut->len)
		return RESULT_BAD;
	cut->header_len = cut->transport + UDP_BYTES;
	return RESULT_OK;
}

/* All of it is one segment: only its checksum may be missing. */
static enum result begin_whole(struct segment_cut *cut, const struct virtio_net_hdr *how)
{
	cut->segment = cut->len;
	if (!(how->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return RESULT_OK;
	cut->checksum = (uint16_t)(how->csum_start + how->csum_offset);
	return (size_t)how->csum_start + how->csum_offset + 2 <= cut->len && cut->checksum > 0
		       ? RESULT_OK
		       : RESULT_BAD;
}

enum result segment_cut_begin(struct segment_cut *cut, const struct virtio_net_hdr *how,
			      const uint8_t *packet, size_t len, size_t most)
{
	struct segment_cut new = {
		.packet = packet,
		.len = len,
		.transport = how->csum_start,
		.segment = how->gso_size,
		.kind = (uint8_t)(how->gso_type & ~VIRTIO_NET_HDR_GSO_ECN),
	};
	enum result result = RESULT_BAD;

	if (new.kind == VIRTIO_NET_HDR_GSO_NONE)
		result = begin_whole(&new, how);
	else if (new.segment > 0 &&
		 (new.kind == VIRTIO_NET_HDR_GSO_TCPV4 || new.kind == VIRTIO_NET_HDR_GSO_TCPV6))
		result = begin_tcp(&new, how);
	else if (new.segment > 0 && new.kind == VIRTIO_NET_HDR_GSO_UDP_L4)
		result = begin_udp(&new, how);
	if (result != RESULT_OK)
		return result;
	if (new.segment > len - new.header_len)
		new.segment = len - new.header_len;
	if (new.header_len + new.segment > most)
		return RESULT_SPACE;
	new.next = new.header_len;
	*cut = new;
	return RESULT_OK;
}

/* The IP header's length, number and checksum. */
static void set_ip(const struct segment_cut *cut, uint8_t *out, size_t len)
{
	if (!is_ipv4(cut)) {
		bytes_put_u16(out + 4, (uint16_t)(len - IPV6_BYTES));
		return;
	}
	bytes_put_u16(out + 2, (uint16_t)len);
	bytes_put_u16(out + 4, (uint16_t)(bytes_get_u16(out + 4) + cut->index));
	bytes_put_u16(out + 10, 0);
	bytes_put_u16(out + 10, checksum_end(checksum_add(0, out, cut->transport)));
}

static void set_tcp(const struct segment_cut *cut, uint8_t *tcp, bool is_last)
{
	bytes_put_u32(tcp + 4, bytes_get_u32(tcp + 4) + (uint32_t)(cut->next - cut->header_len));
	if (!is_last)
		tcp[TCP_FLAGS] &= (uint8_t)~FIN_AND_PSH;
	if (cut->index > 0)
		tcp[TCP_FLAGS] &= (uint8_t)~CWR;
}

/* Zero says in UDP that there is none, and is the same number. */
static void put_checksum(uint8_t *at, uint64_t sum)
{
	uint16_t end = checksum_end(sum);

	bytes_put_u16(at, end ? end : UINT16_MAX);
}

/*
 * The kernel has put the sum of addresses, protocol and length where the checksum belongs: with the
 * length of this segment instead of the whole it is the segment's own.
 */
static uint64_t pseudo_sum(const struct segment_cut *cut, const uint8_t *checksum, size_t len)
{
	uint64_t sum = checksum_add(0, checksum, 2);

	sum = checksum_add_u16(sum, (uint16_t) ~(cut->len - cut->transport));
	return checksum_add_u16(sum, (uint16_t)(len - cut->transport));
}

static size_t next_of_many(struct segment_cut *cut, uint8_t *out)
{
	size_t rest = cut->len - cut->next;
	size_t payload = rest < cut->segment ? rest : cut->segment;
	size_t len = cut->header_len + payload;
	uint8_t *transport = out + cut->transport;
	bool is_udp = cut->kind == VIRTIO_NET_HDR_GSO_UDP_L4;
	uint8_t *checksum = transport + (is_udp ? UDP_CHECKSUM : TCP_CHECKSUM);
	uint64_t sum;

	memcpy(out, cut->packet, cut->header_len);
	set_ip(cut, out, len);
	if (is_udp)
		bytes_put_u16(transport + 4, (uint16_t)(UDP_BYTES + payload));
	else
		set_tcp(cut, transport, payload == rest);
	sum = pseudo_sum(cut, checksum, len);
	bytes_put_u16(checksum, 0);
	sum = checksum_add(sum, transport, cut->header_len - cut->transport);
	sum = checksum_copy(sum, out + cut->header_len, cut->packet + cut->next, payload);
	put_checksum(checksum, sum);
	cut->next += payload;
	return len;
}

static size_t next_whole(struct segment_cut *cut, uint8_t *out)
{
	size_t front = cut->checksum ? cut->transport : cut->len;

	memcpy(out, cut->packet, front);
	/* The sum of addresses, protocol and length stands there, and counts. */
	if (cut->checksum)
		put_checksum(out + cut->checksum,
			     checksum_copy(0, out + front, cut->packet + front, cut->len - front));
	cut->next = cut->len;
	return cut->len;
}

size_t segment_cut_next(struct segment_cut *cut, uint8_t *out)
{
	size_t len;

	if (cut->index > 0 && cut->next == cut->len)
		return 0;
	len = cut->kind == VIRTIO_NET_HDR_GSO_NONE ? next_whole(cut, out) : next_of_many(cut, out);
	cut->index++;
	return len;
}
