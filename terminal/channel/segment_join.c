#include "terminal/channel/segment_join.h"

#include <stdbool.h>
#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/checksum.h"

#define IPV4_BYTES   20
#define IPV6_BYTES   40
#define TCP_BYTES    20
#define TCP_PROTOCOL 6
#define PACKET_BYTES 65535

#define TCP_SEQUENCE 4 /* where in its header */
#define TCP_ACK	     8
#define TCP_OFFSET   12
#define TCP_FLAGS    13
#define TCP_WINDOW   14
#define TCP_CHECKSUM 16
#define TCP_URGENT   18 /* and the options behind it */

#define FLAGS_END  0x09 /* FIN, PSH: behind such a segment nothing is joined */
#define FLAGS_ANY  0x40 /* ECE, if all say it */
#define FLAGS_MUST 0x10 /* ACK */

/* What is looked at of a packet. */
struct segment {
	const uint8_t *packet;
	size_t len, ip_len, header_len;
};

static const uint8_t *tcp_of(const struct segment *segment)
{
	return segment->packet + segment->ip_len;
}

static bool is_tcp_ipv4(const uint8_t *packet, size_t len)
{
	return len >= IPV4_BYTES && packet[0] == 0x45 && bytes_get_u16(packet + 2) == len &&
	       packet[9] == TCP_PROTOCOL &&
	       (bytes_get_u16(packet + 6) & 0x3fff) == 0; /* more fragments, or an offset */
}

static bool is_tcp_ipv6(const uint8_t *packet, size_t len)
{
	return len >= IPV6_BYTES && packet[0] >> 4 == 6 && packet[6] == TCP_PROTOCOL &&
	       (size_t)bytes_get_u16(packet + 4) + IPV6_BYTES == len;
}

/* Is it TCP of one of the two plain kinds, with a whole header? */
static bool read_segment(const uint8_t *packet, size_t len, struct segment *out)
{
	size_t ip_len = is_tcp_ipv4(packet, len)   ? IPV4_BYTES
			: is_tcp_ipv6(packet, len) ? IPV6_BYTES
						   : 0;

	if (ip_len == 0 || ip_len + TCP_BYTES > len)
		return false;
	*out = (struct segment){packet, len, ip_len,
				ip_len + (size_t)(packet[ip_len + TCP_OFFSET] >> 4) * 4};
	return out->header_len >= ip_len + TCP_BYTES && out->header_len <= len;
}

/* Addresses, protocol and length. */
static uint64_t pseudo_sum(const uint8_t *ip, size_t ip_len, size_t tcp_len)
{
	size_t at = ip_len == IPV4_BYTES ? 12 : 8;

	return checksum_add_u16(
		checksum_add_u16(checksum_add(0, ip + at, ip_len - at), TCP_PROTOCOL),
		(uint16_t)tcp_len);
}

/* The kernel believes what is joined; so nothing is that it would not have taken alone. */
static bool has_right_sums(const struct segment *segment)
{
	size_t tcp_len = segment->len - segment->ip_len;
	uint64_t sum = pseudo_sum(segment->packet, segment->ip_len, tcp_len);

	return checksum_end(checksum_add(sum, tcp_of(segment), tcp_len)) == 0 &&
	       (segment->ip_len != IPV4_BYTES ||
		checksum_end(checksum_add(0, segment->packet, IPV4_BYTES)) == 0);
}

/* A piece of a stream, and nothing but that? */
static bool is_joinable(const struct segment *segment)
{
	uint8_t flags = tcp_of(segment)[TCP_FLAGS];

	return segment->len > segment->header_len &&
	       (flags & ~(FLAGS_END | FLAGS_ANY)) == FLAGS_MUST &&
	       (tcp_of(segment)[TCP_OFFSET] & 15) == 0 && /* reserved, or more of ECN */
	       has_right_sums(segment);
}

/* The same addresses and ports? */
static bool is_of_flow(const struct joined *joined, const struct segment *segment)
{
	size_t at = segment->ip_len == IPV4_BYTES ? 12 : 8;

	return joined->ip_len == segment->ip_len &&
	       memcmp(joined->header + at, segment->packet + at, segment->ip_len - at + 4) == 0;
}

/* What the kernel makes of the whole must be what it would make of each: class, hops, DF. */
static bool has_same_ip(const uint8_t *header, const struct segment *segment)
{
	const uint8_t *packet = segment->packet;

	if (segment->ip_len == IPV6_BYTES)
		return memcmp(header, packet, 4) == 0 && header[7] == packet[7];
	return header[1] == packet[1] && header[6] == packet[6] && header[8] == packet[8];
}

static bool has_same_tcp(const uint8_t *header, const uint8_t *tcp, size_t len)
{
	return memcmp(header + TCP_ACK, tcp + TCP_ACK, 5) == 0 &&
	       ((header[TCP_FLAGS] ^ tcp[TCP_FLAGS]) & ~FLAGS_END) == 0 &&
	       memcmp(header + TCP_WINDOW, tcp + TCP_WINDOW, 2) == 0 &&
	       memcmp(header + TCP_URGENT, tcp + TCP_URGENT, len - TCP_URGENT) == 0;
}

/* Is it what comes next, and alike in all but that? */
static bool continues(const struct joined *joined, const struct segment *segment)
{
	const uint8_t *tcp = tcp_of(segment), *header = joined->header + joined->ip_len;
	size_t payload = segment->len - segment->header_len;

	return joined->header_len == segment->header_len && payload <= joined->segment &&
	       joined->count < SEGMENT_JOIN_PARTS &&
	       joined->header_len + joined->payload + payload <= PACKET_BYTES &&
	       bytes_get_u32(tcp + TCP_SEQUENCE) ==
		       (uint32_t)(bytes_get_u32(header + TCP_SEQUENCE) + joined->payload) &&
	       has_same_ip(joined->header, segment) &&
	       has_same_tcp(header, tcp, segment->header_len - segment->ip_len);
}

static void add(struct joined *joined, const struct segment *segment)
{
	size_t payload = segment->len - segment->header_len;

	/* A vector of a write is not written through. */
	joined->parts[++joined->count] =
		(struct iovec){(void *)(uintptr_t)(segment->packet + segment->header_len), payload};
	joined->payload += payload;
	joined->header[joined->ip_len + TCP_FLAGS] |= tcp_of(segment)[TCP_FLAGS] & FLAGS_END;
}

static void begin(struct joined *joined, const struct segment *segment)
{
	memcpy(joined->header, segment->packet, segment->header_len);
	joined->ip_len = segment->ip_len;
	joined->header_len = segment->header_len;
	joined->segment = segment->len - segment->header_len;
	joined->payload = 0;
	joined->count = 0;
	add(joined, segment);
}

/* The lengths of all; the checksum is the kernel's to make, should anybody want it. */
static void finish_header(struct joined *joined)
{
	uint8_t *header = joined->header;
	size_t tcp_len = joined->header_len - joined->ip_len + joined->payload;

	if (joined->ip_len == IPV4_BYTES) {
		bytes_put_u16(header + 2, (uint16_t)(IPV4_BYTES + tcp_len));
		bytes_put_u16(header + 10, 0);
		bytes_put_u16(header + 10, checksum_end(checksum_add(0, header, IPV4_BYTES)));
	} else {
		bytes_put_u16(header + 4, (uint16_t)tcp_len);
	}
	bytes_put_u16(header + joined->ip_len + TCP_CHECKSUM,
		      checksum_fold(pseudo_sum(header, joined->ip_len, tcp_len)));
}

static void write_joined(struct segment_join *join, struct joined *joined)
{
	struct virtio_net_hdr how = {0};

	joined->parts[0] = (struct iovec){joined->header, joined->header_len};
	if (joined->count > 1) {
		finish_header(joined);
		how = (struct virtio_net_hdr){
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = joined->ip_len == IPV4_BYTES ? VIRTIO_NET_HDR_GSO_TCPV4
								 : VIRTIO_NET_HDR_GSO_TCPV6,
			.hdr_len = (uint16_t)joined->header_len,
			.gso_size = (uint16_t)joined->segment,
			.csum_start = (uint16_t)joined->ip_len,
			.csum_offset = TCP_CHECKSUM,
		};
	}
	join->write(join->context, &how, joined->parts, 1 + joined->count);
}

static void write_alone(struct segment_join *join, const uint8_t *packet, size_t len)
{
	const struct virtio_net_hdr how = {0};
	const struct iovec part = {(void *)(uintptr_t)packet, len};

	join->write(join->context, &how, &part, 1);
}

/* Writes one of the open and closes the gap: the order stays. */
static void end_one(struct segment_join *join, unsigned index)
{
	write_joined(join, &join->open[index]);
	join->count--;
	memmove(&join->open[index], &join->open[index + 1],
		(join->count - index) * sizeof(join->open[0]));
}

static unsigned find(const struct segment_join *join, const struct segment *segment)
{
	unsigned i = 0;

	while (i < join->count && !is_of_flow(&join->open[i], segment))
		i++;
	return i;
}

/* A shorter one, or one that says that more is not to be waited for, is the last. */
static bool is_last(const struct joined *joined, const struct segment *segment)
{
	return segment->len - segment->header_len < joined->segment ||
	       (tcp_of(segment)[TCP_FLAGS] & FLAGS_END);
}

void segment_join_take(struct segment_join *join, const uint8_t *packet, size_t len)
{
	struct segment segment;
	bool can_join;
	unsigned i;

	if (!read_segment(packet, len, &segment)) {
		write_alone(join, packet, len);
		return;
	}
	can_join = is_joinable(&segment);
	i = find(join, &segment);
	if (i < join->count && !(can_join && continues(&join->open[i], &segment))) {
		end_one(join, i);
		i = join->count;
	}
	if (!can_join) {
		write_alone(join, packet, len);
		return;
	}
	if (i < join->count) {
		add(&join->open[i], &segment);
	} else {
		if (join->count == SEGMENT_JOIN_FLOWS)
			end_one(join, 0);
		i = join->count++;
		begin(&join->open[i], &segment);
	}
	if (is_last(&join->open[i], &segment))
		end_one(join, i);
}

void segment_join_end(struct segment_join *join)
{
	for (unsigned i = 0; i < join->count; i++)
		write_joined(join, &join->open[i]);
	join->count = 0;
}
