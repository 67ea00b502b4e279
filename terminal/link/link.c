#include "terminal/link/link.h"

#include <string.h>

#include "shared/limits.h"
#include "terminal/esp/bytes.h"
#include "terminal/esp/inner_ip.h"
#include "terminal/esp/inner_udp.h"

static void inbound_push(struct link *link, struct esp_inbound *sa, uint64_t now_ms)
{
	esp_inbound_destroy(link->in[LINK_INBOUND - 1].sa);
	memmove(&link->in[1], &link->in[0], sizeof(link->in) - sizeof(link->in[0]));
	link->in[0] = (struct link_inbound){sa, UINT64_MAX};
	if (link->in[1].sa)
		link->in[1].end_ms = now_ms + LINK_OLD_SA_MS;
}

enum result link_install(struct link *link, const struct initiator_sa *sa, uint64_t now_ms)
{
	const struct esp_suite *suite = esp_suite_by_number(sa->suite);
	bool is_tunnel = sa->mode == KEYEXCHANGE_UDP_TUNNEL;
	struct esp_outbound *out;
	struct esp_inbound *in;
	enum result result;

	if (!suite || (is_tunnel && link->sockets->encap < 0))
		return RESULT_BAD;
	result = esp_outbound_create(suite, sa->spi_out, sa->key_out, &out);
	if (result != RESULT_OK)
		return result;
	result = esp_inbound_create(suite, sa->spi_in, sa->key_in, &in);
	if (result != RESULT_OK) {
		esp_outbound_destroy(out);
		return result;
	}
	esp_outbound_destroy(link->out);
	link->out = out;
	link->own = sa->inner;
	link->is_tunnel = is_tunnel;
	inbound_push(link, in, now_ms);
	return RESULT_OK;
}

void link_down(struct link *link)
{
	esp_outbound_destroy(link->out);
	link->out = NULL;
	for (unsigned i = 0; i < LINK_INBOUND; i++) {
		esp_inbound_destroy(link->in[i].sa);
		link->in[i] = (struct link_inbound){0};
	}
}

void link_tick(struct link *link, uint64_t now_ms)
{
	for (unsigned i = 1; i < LINK_INBOUND; i++) {
		if (link->in[i].sa && now_ms >= link->in[i].end_ms) {
			esp_inbound_destroy(link->in[i].sa);
			link->in[i] = (struct link_inbound){0};
		}
	}
}

/* UDP, in tunnel mode with an IP header before it. */
static enum result inner_build(const struct link *link, struct slice message, uint8_t *out,
			       size_t room, size_t *len)
{
	size_t header_len = 0, udp_len;
	enum result result;

	if (link->is_tunnel) {
		result = inner_ip_build(&link->own, &link->gateway,
					message.len + INNER_UDP_HEADER_BYTES, out, &header_len);
		if (result != RESULT_OK)
			return result;
	}
	result = inner_udp_build(&link->own, &link->gateway, message, out + header_len,
				 room - header_len, &udp_len);
	if (result == RESULT_OK)
		*len = header_len + udp_len;
	return result;
}

enum result link_send(struct link *link, struct slice message)
{
	uint8_t inner[LIMIT_SIP_MESSAGE_BYTES + INNER_UDP_HEADER_BYTES + INNER_IP_HEADER_BYTES];
	uint8_t packet[sizeof(inner) + ESP_GROWTH_BYTES];
	size_t inner_len, packet_len;
	enum result result;

	if (!link->out)
		return RESULT_NOT_FOUND;
	result = inner_build(link, message, inner, sizeof(inner), &inner_len);
	if (result != RESULT_OK)
		return result;
	result = esp_outbound_seal(link->out,
				   link->is_tunnel ? inner_ip_protocol(&link->own) : ESP_NEXT_UDP,
				   inner, inner_len, packet, sizeof(packet), &packet_len);
	if (result != RESULT_OK)
		return result;
	return link->is_tunnel
		       ? sockets_send_encap(link->sockets, &link->gateway, packet, packet_len)
		       : sockets_send_esp(link->sockets, &link->gateway, packet, packet_len);
}

static struct esp_inbound *inbound_find(struct link *link, const struct received *packet)
{
	for (unsigned i = 0; i < LINK_INBOUND; i++)
		if (link->in[i].sa && packet->len >= ESP_HEADER_BYTES &&
		    esp_inbound_spi(link->in[i].sa) == bytes_get_u32(packet->at))
			return link->in[i].sa;
	return NULL;
}

/* The message in what ESP gave out, by the mode agreed. */
static enum result inner_parse(const struct link *link, const struct esp_opened *opened,
			       struct slice *message)
{
	const uint8_t *udp = opened->payload;
	size_t len = opened->len;

	if (opened->next_header != (link->is_tunnel ? inner_ip_protocol(&link->own) : ESP_NEXT_UDP))
		return RESULT_BAD;
	if (link->is_tunnel && inner_ip_parse(opened->payload, opened->len, &link->gateway,
					      &link->own, &udp, &len) != RESULT_OK)
		return RESULT_BAD;
	return inner_udp_parse(udp, len, link->gateway.port, link->own.port, message);
}

enum result link_open(struct link *link, const struct received *packet, bool is_encap,
		      struct slice *message)
{
	struct esp_inbound *sa = inbound_find(link, packet);
	struct esp_opened opened;

	if (sa && is_encap == link->is_tunnel &&
	    sip_address_is_same_host(&packet->from, &link->gateway) &&
	    packet->from.port == (is_encap ? SOCKETS_ENCAP_PORT : 0) &&
	    esp_inbound_open(sa, packet->at, packet->len, &opened) == RESULT_OK &&
	    inner_parse(link, &opened, message) == RESULT_OK)
		return RESULT_OK;
	link->refused++;
	return RESULT_DENIED;
}
