#include "terminal/esp/inner_udp.h"

#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"
#include "terminal/esp/checksum.h"

static uint16_t checksum_of(const struct sip_address *from, const struct sip_address *to,
			    const uint8_t *datagram, size_t len)
{
	size_t address_bytes = from->family == 4 ? 4 : 16;
	uint64_t sum = checksum_add_u16(checksum_add_u16(0, ESP_NEXT_UDP), (uint16_t)len);
	uint16_t end;

	sum = checksum_add(sum, from->bytes, address_bytes);
	sum = checksum_add(sum, to->bytes, address_bytes);
	end = checksum_end(checksum_add(sum, datagram, len));
	return end ? end : UINT16_MAX;
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
	bytes_put_u16(out + 6, checksum_of(from, to, out, total));
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
