#include "dataplane/esp/outer.h"

#include <string.h>

#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8
#define UDP_BYTES      8

#define PROTOCOL_UDP	  17
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_ESP	  50

static uint16_t read_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* What is behind an IP header: its protocol, where, how much. */
struct inside {
	uint8_t *at;
	uint32_t len;
	uint8_t protocol;
};

/* RFC 791. */
static enum drop_reason skip_ipv4(uint8_t *ip, uint32_t len, struct inside *inside)
{
	uint32_t header, total;

	if (len < IPV4_BYTES)
		return DROP_esp_outer_header;
	header = (ip[0] & 15u) * 4;
	total = read_u16(ip + 2);
	if (header < IPV4_BYTES || total < header || total > len)
		return DROP_esp_outer_header;
	if ((read_u16(ip + 6) & 0x3fff) != 0) /* more fragments, or an offset */
		return DROP_esp_fragment;
	*inside = (struct inside){ip + header, total - header, ip[9]};
	return DROP_NONE;
}

/* RFC 8200. */
static enum drop_reason skip_ipv6(uint8_t *ip, uint32_t len, struct inside *inside)
{
	uint32_t payload;

	if (len < IPV6_BYTES)
		return DROP_esp_outer_header;
	payload = read_u16(ip + 4);
	if (payload > len - IPV6_BYTES)
		return DROP_esp_outer_header;
	*inside = (struct inside){ip + IPV6_BYTES, payload, ip[6]};
	if (inside->protocol != PROTOCOL_FRAGMENT)
		return DROP_NONE;
	if (payload < FRAGMENT_BYTES)
		return DROP_esp_outer_header;
	if ((read_u16(inside->at + 2) & 0xfff9) != 0)
		return DROP_esp_fragment;
	*inside = (struct inside){inside->at + FRAGMENT_BYTES, payload - FRAGMENT_BYTES,
				  inside->at[0]};
	return DROP_NONE;
}

/* RFC 3948 2: what stands in UDP 4500 is ESP unless it is one byte or begins with a zero SPI. */
static enum drop_reason skip_udp(struct inside *inside, struct esp_outer *outer)
{
	uint32_t udp_len;

	if (inside->len < UDP_BYTES)
		return DROP_esp_outer_header;
	udp_len = read_u16(inside->at + 4);
	if (udp_len < UDP_BYTES || udp_len > inside->len ||
	    read_u16(inside->at + 2) != ESP_UDP_PORT)
		return DROP_esp_outer_header;
	outer->is_in_udp = true;
	memcpy(&outer->source_port_be16, inside->at, sizeof(outer->source_port_be16));
	inside->at += UDP_BYTES;
	inside->len = udp_len - UDP_BYTES;
	if (inside->len == 1 && inside->at[0] == 0xff)
		return DROP_esp_keepalive;
	if (inside->len >= 4 &&
	    (inside->at[0] | inside->at[1] | inside->at[2] | inside->at[3]) == 0)
		return DROP_esp_non_esp_marker;
	return DROP_NONE;
}

enum drop_reason esp_outer_find(uint8_t *ip, uint32_t len, struct esp_outer *outer)
{
	struct inside inside = {0};
	enum drop_reason reason = DROP_esp_outer_header;

	outer->is_in_udp = false;
	outer->source_port_be16 = 0;
	outer->ip = ip;
	if (len != 0 && ip[0] >> 4 == 4) {
		outer->is_ipv4 = true;
		reason = skip_ipv4(ip, len, &inside);
	} else if (len != 0 && ip[0] >> 4 == 6) {
		outer->is_ipv4 = false;
		reason = skip_ipv6(ip, len, &inside);
	}
	if (reason != DROP_NONE)
		return reason;
	if (inside.protocol == PROTOCOL_UDP)
		reason = skip_udp(&inside, outer);
	else if (inside.protocol != PROTOCOL_ESP)
		return DROP_esp_outer_header;
	if (reason != DROP_NONE)
		return reason;
	if (inside.len < ESP_HEADER_BYTES)
		return DROP_esp_length;
	outer->esp = inside.at;
	outer->len = inside.len;
	return DROP_NONE;
}
