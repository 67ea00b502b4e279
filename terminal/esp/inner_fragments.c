#include "terminal/esp/inner_fragments.h"

#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"
#include "terminal/esp/inner_ip.h"

#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8 /* IPv6's fragment header */
#define NEXT_FRAGMENT  44
#define MORE_IPV4      0x2000
#define OFFSET_IPV4    0x1fff

/* One fragment, taken apart. */
struct fragment {
	uint32_t id;
	size_t start;
	size_t len;
	bool is_last;
	const uint8_t *at;
};

static bool has_hosts(const uint8_t *addresses, size_t each, const struct sip_address *from,
		      const struct sip_address *to)
{
	return memcmp(addresses, from->bytes, each) == 0 &&
	       memcmp(addresses + each, to->bytes, each) == 0;
}

/* RESULT_NOT_FOUND: a whole packet, or no IP at all. */
static enum result parse_ipv4(const uint8_t *packet, size_t len, const struct sip_address *from,
			      const struct sip_address *to, struct fragment *out)
{
	uint16_t flags;

	if (len < IPV4_BYTES)
		return RESULT_NOT_FOUND;
	flags = bytes_get_u16(packet + 6);
	if ((flags & (MORE_IPV4 | OFFSET_IPV4)) == 0)
		return RESULT_NOT_FOUND;
	if (packet[0] != 0x45 || bytes_get_u16(packet + 2) != len || packet[9] != ESP_NEXT_UDP)
		return RESULT_BAD;
	*out = (struct fragment){
		.id = bytes_get_u16(packet + 4),
		.start = (size_t)(flags & OFFSET_IPV4) * 8,
		.len = len - IPV4_BYTES,
		.is_last = (flags & MORE_IPV4) == 0,
		.at = packet + IPV4_BYTES,
	};
	return has_hosts(packet + 12, 4, from, to) ? RESULT_OK : RESULT_DENIED;
}

static enum result parse_ipv6(const uint8_t *packet, size_t len, const struct sip_address *from,
			      const struct sip_address *to, struct fragment *out)
{
	const uint8_t *header = packet + IPV6_BYTES;
	uint16_t offset;

	if (len < IPV6_BYTES + FRAGMENT_BYTES || packet[6] != NEXT_FRAGMENT)
		return RESULT_NOT_FOUND;
	if (packet[0] >> 4 != 6 || bytes_get_u16(packet + 4) != len - IPV6_BYTES ||
	    header[0] != ESP_NEXT_UDP)
		return RESULT_BAD;
	offset = bytes_get_u16(header + 2);
	*out = (struct fragment){
		.id = bytes_get_u32(header + 4),
		.start = offset & 0xfff8u,
		.len = len - IPV6_BYTES - FRAGMENT_BYTES,
		.is_last = (offset & 1) == 0,
		.at = header + FRAGMENT_BYTES,
	};
	return has_hosts(packet + 8, 16, from, to) ? RESULT_OK : RESULT_DENIED;
}

/* Its datagram's place, or one made free for it: the oldest goes. */
static struct inner_datagram *place_of(struct inner_fragments *f, uint32_t id, uint64_t now_ms)
{
	struct inner_datagram *oldest = &f->datagrams[0];

	for (unsigned i = 0; i < INNER_FRAGMENTS_DATAGRAMS; i++) {
		struct inner_datagram *d = &f->datagrams[i];

		if (d->end_ms <= now_ms)
			d->end_ms = 0;
		if (d->end_ms != 0 && d->id == id)
			return d;
		if (d->end_ms < oldest->end_ms)
			oldest = d;
	}
	oldest->end_ms = now_ms + INNER_FRAGMENTS_MS;
	oldest->id = id;
	oldest->len = oldest->filled = 0;
	oldest->piece_count = 0;
	return oldest;
}

static bool fits(const struct inner_datagram *d, const struct fragment *piece)
{
	size_t end = piece->start + piece->len;

	if (piece->len == 0 || d->piece_count == INNER_FRAGMENTS_PIECES || end > sizeof(d->bytes) ||
	    (!piece->is_last && piece->len % 8 != 0))
		return false;
	if (d->len != 0 && (piece->is_last || end > d->len))
		return false;
	for (unsigned i = 0; i < d->piece_count; i++)
		if ((piece->start < d->pieces[i].end && d->pieces[i].start < end) ||
		    (piece->is_last && d->pieces[i].end > end))
			return false;
	return true;
}

static enum result put(struct inner_datagram *d, const struct fragment *piece, const uint8_t **udp,
		       size_t *udp_len)
{
	size_t end = piece->start + piece->len;

	if (!fits(d, piece)) {
		d->end_ms = 0;
		return RESULT_BAD;
	}
	memcpy(d->bytes + piece->start, piece->at, piece->len);
	d->pieces[d->piece_count++] = (struct inner_piece){(uint16_t)piece->start, (uint16_t)end};
	d->filled = (uint16_t)(d->filled + piece->len);
	if (piece->is_last)
		d->len = (uint16_t)end;
	if (d->len == 0 || d->filled != d->len)
		return RESULT_MORE;
	d->end_ms = 0;
	*udp = d->bytes;
	*udp_len = d->len;
	return RESULT_OK;
}

enum result inner_fragments_take(struct inner_fragments *fragments, uint64_t now_ms,
				 const uint8_t *packet, size_t len, const struct sip_address *from,
				 const struct sip_address *to, const uint8_t **udp, size_t *udp_len)
{
	struct fragment piece;
	enum result result = from->family == 4 ? parse_ipv4(packet, len, from, to, &piece)
					       : parse_ipv6(packet, len, from, to, &piece);

	if (result == RESULT_NOT_FOUND)
		return inner_ip_parse(packet, len, from, to, udp, udp_len);
	if (result != RESULT_OK)
		return result;
	return put(place_of(fragments, piece.id, now_ms), &piece, udp, udp_len);
}

size_t inner_fragments_cut(const uint8_t *packet, size_t len, size_t most, unsigned index,
			   uint32_t id, uint8_t *out, bool *is_last)
{
	bool is_ipv4 = packet[0] >> 4 == 4;
	size_t ip = is_ipv4 ? IPV4_BYTES : IPV6_BYTES;
	size_t header = ip + (is_ipv4 ? 0 : FRAGMENT_BYTES);
	size_t each = (most - header) & ~(size_t)7, start = index * each, bytes = len - ip - start;

	*is_last = len <= most || bytes <= each;
	if (len <= most) {
		memcpy(out, packet, len);
		return len;
	}
	if (!*is_last)
		bytes = each;
	memcpy(out, packet, ip);
	memcpy(out + header, packet + ip + start, bytes);
	if (is_ipv4) {
		bytes_put_u16(out + 2, (uint16_t)(header + bytes));
		bytes_put_u16(out + 4, (uint16_t)id);
		bytes_put_u16(out + 6, (uint16_t)(start / 8 | (*is_last ? 0 : MORE_IPV4)));
		inner_ip_checksum_set(out);
		return header + bytes;
	}
	bytes_put_u16(out + 4, (uint16_t)(FRAGMENT_BYTES + bytes));
	out[6] = NEXT_FRAGMENT;
	out[ip] = packet[6];
	out[ip + 1] = 0;
	bytes_put_u16(out + ip + 2, (uint16_t)(start | (*is_last ? 0 : 1)));
	bytes_put_u32(out + ip + 4, id);
	return header + bytes;
}
