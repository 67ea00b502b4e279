#include "terminal/esp/inner_udp.h"

#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"

/* Adds len bytes to a ones' complement sum (RFC 1071); an odd last byte is padded with zero. */
static uint32_t sum_add(uint32_t sum, const uint8_t *at, size_t len)
{
	for (; len > 1; at += 2, len -= 2) {
		sum += bytes_get_u16(at);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len)
		sum += (uint32_t)at[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static uint16_t checksum(const struct sip_address *from, const struct sip_address *to,
			 const uint8_t *datagram, size_t len)
{
	size_t address_bytes = from->family == 4 ? 4 : 16;
	uint32_t sum = ESP_NEXT_UDP + (uint32_t)len;

	sum = sum_add(sum, from->bytes, address_bytes);
	sum = sum_add(sum, to->bytes, address_bytes);
	sum = sum_add(sum, datagram, len);
	sum = ~sum & 0xffff;
	return (uint16_t)(sum ? sum : 0xffff);
}

enum result inner_udp_build(const struct sip_address *from, const struct sip_address *to,
			    struct slice payload, uint8_t *out, size_t room, size_t *len)
{
	size_t total = INNER_UDP_HEADER_BYTES + payload.len;

	if (total > room || total > UINT16_MAX)
		return RESULT_SPACE;
	bytes_put_u16(out, from->port);
	bytes_put_u16(out + 2, to->port);
	bytes_put_u16(out + 4, (uint16_t)total);
	bytes_put_u16(out + 6, 0);
	memcpy(out + INNER_UDP_HEADER_BYTES, payload.at, payload.len);
	bytes_put_u16(out + 6, checksum(from, to, out, total));
	*len = total;
	return RESULT_OK;
}

enum result inner_udp_parse(const uint8_t *packet, size_t len, uint16_t from_port, uint16_t to_port,
			    struct slice *payload)
{
	if (len < INNER_UDP_HEADER_BYTES || bytes_get_u16(packet + 4) != len)
		return RESULT_BAD;
	if (bytes_get_u16(packet) != from_port || bytes_get_u16(packet + 2) != to_port)
		return RESULT_DENIED;
	*payload = slice_make(packet + INNER_UDP_HEADER_BYTES, len - INNER_UDP_HEADER_BYTES);
	return RESULT_OK;
}
