#include "terminal/esp/inner_ip.h"

#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"
#include "terminal/esp/checksum.h"

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define HOPS	   64

uint8_t inner_ip_protocol(const struct sip_address *own)
{
	return own->family == 4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6;
}

void inner_ip_checksum_set(uint8_t *header)
{
	bytes_put_u16(header + 10, 0);
	bytes_put_u16(header + 10,
		      checksum_end(checksum_add(0, header, (size_t)(header[0] & 15) * 4)));
}

static void build_ipv4(const struct sip_address *from, const struct sip_address *to, size_t len,
		       uint8_t *out)
{
	memset(out, 0, IPV4_BYTES);
	out[0] = 0x45;
	bytes_put_u16(out + 2, (uint16_t)(IPV4_BYTES + len));
	out[8] = HOPS;
	out[9] = ESP_NEXT_UDP;
	memcpy(out + 12, from->bytes, 4);
	memcpy(out + 16, to->bytes, 4);
	inner_ip_checksum_set(out);
}

static void build_ipv6(const struct sip_address *from, const struct sip_address *to, size_t len,
		       uint8_t *out)
{
	memset(out, 0, 8);
	out[0] = 0x60;
	bytes_put_u16(out + 4, (uint16_t)len);
	out[6] = ESP_NEXT_UDP;
	out[7] = HOPS;
	memcpy(out + 8, from->bytes, 16);
	memcpy(out + 24, to->bytes, 16);
}

enum result inner_ip_build(const struct sip_address *from, const struct sip_address *to, size_t len,
			   uint8_t out[INNER_IP_HEADER_BYTES], size_t *header_len)
{
	if (len > UINT16_MAX - IPV4_BYTES)
		return RESULT_SPACE;
	if (from->family == 4)
		build_ipv4(from, to, len, out);
	else
		build_ipv6(from, to, len, out);
	*header_len = from->family == 4 ? IPV4_BYTES : IPV6_BYTES;
	return RESULT_OK;
}

static enum result parse_ipv4(const uint8_t *packet, size_t len, const struct sip_address *from,
			      const struct sip_address *to)
{
	if (len < IPV4_BYTES || packet[0] != 0x45 || bytes_get_u16(packet + 2) != len ||
	    checksum_end(checksum_add(0, packet, IPV4_BYTES)) != 0 || packet[9] != ESP_NEXT_UDP ||
	    (bytes_get_u16(packet + 6) & 0x3fff) != 0) /* more fragments, or an offset */
		return RESULT_BAD;
	if (memcmp(packet + 12, from->bytes, 4) != 0 || memcmp(packet + 16, to->bytes, 4) != 0)
		return RESULT_DENIED;
	return RESULT_OK;
}

static enum result parse_ipv6(const uint8_t *packet, size_t len, const struct sip_address *from,
			      const struct sip_address *to)
{
	if (len < IPV6_BYTES || packet[0] >> 4 != 6 ||
	    bytes_get_u16(packet + 4) != len - IPV6_BYTES || packet[6] != ESP_NEXT_UDP)
		return RESULT_BAD;
	if (memcmp(packet + 8, from->bytes, 16) != 0 || memcmp(packet + 24, to->bytes, 16) != 0)
		return RESULT_DENIED;
	return RESULT_OK;
}

enum result inner_ip_parse(const uint8_t *packet, size_t len, const struct sip_address *from,
			   const struct sip_address *to, const uint8_t **udp, size_t *udp_len)
{
	size_t header = from->family == 4 ? IPV4_BYTES : IPV6_BYTES;
	enum result result = from->family == 4 ? parse_ipv4(packet, len, from, to)
					       : parse_ipv6(packet, len, from, to);

	if (result != RESULT_OK)
		return result;
	*udp = packet + header;
	*udp_len = len - header;
	return RESULT_OK;
}
