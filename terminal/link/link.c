#include "terminal/link/link.h"

#include <string.h>

#include "shared/limits.h"
#include "terminal/esp/bytes.h"
#include "terminal/esp/inner_ip.h"
#include "terminal/esp/inner_udp.h"
#include "terminal/esp/probe.h"

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
	link->now_ms = now_ms;
	link->keep_open_ms = now_ms + LINK_KEEP_OPEN_MS;
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
	static const uint8_t keepalive = 0xff; /* RFC 3948 2.3 */

	link->now_ms = now_ms;
	if (now_ms >= link_deadline(link)) {
		/* One that is lost is made up for by the next. */
		(void)!sockets_send_encap(link->sockets, &link->gateway, &keepalive, 1);
		link->keep_open_ms = now_ms + LINK_KEEP_OPEN_MS;
	}
	for (unsigned i = 1; i < LINK_INBOUND; i++) {
		if (link->in[i].sa && now_ms >= link->in[i].end_ms) {
			esp_inbound_destroy(link->in[i].sa);
			link->in[i] = (struct link_inbound){0};
		}
	}
}

/* What ESP seals, by the way agreed. */
static enum result seal_and_send(struct link *link, uint8_t next_header, const uint8_t *inner,
				 size_t len)
{
	uint8_t packet[LIMIT_SIP_MESSAGE_BYTES + INNER_UDP_HEADER_BYTES + ESP_GROWTH_BYTES];
	size_t packet_len;
	enum result result = esp_outbound_seal(link->out, next_header, inner, len, packet,
					       sizeof(packet), &packet_len);

	if (result != RESULT_OK)
		return result;
	if (!link->is_tunnel)
		return sockets_send_esp(link->sockets, &link->gateway, packet, packet_len);
	link->keep_open_ms = link->now_ms + LINK_KEEP_OPEN_MS;
	return sockets_send_encap(link->sockets, &link->gateway, packet, packet_len);
}

/* An IP header before the UDP datagram, and as many fragments of both as fit the path. */
static enum result send_tunnelled(struct link *link, const uint8_t *udp, size_t udp_len)
{
	uint8_t whole[INNER_IP_HEADER_BYTES + INNER_UDP_HEADER_BYTES + LIMIT_SIP_MESSAGE_BYTES];
	uint8_t piece[INNER_FRAGMENTS_PATH_BYTES];
	size_t most = esp_outbound_payload_most(link->out, INNER_FRAGMENTS_PATH_BYTES -
								   LINK_OUTER_BYTES);
	size_t header_len;
	bool is_last = false;
	enum result result =
		inner_ip_build(&link->own, &link->gateway, udp_len, whole, &header_len);

	if (result != RESULT_OK)
		return result;
	memcpy(whole + header_len, udp, udp_len);
	link->fragment_id++;
	for (unsigned i = 0; !is_last && result == RESULT_OK; i++) {
		size_t len = inner_fragments_cut(whole, header_len + udp_len, most, i,
						 link->fragment_id, piece, &is_last);

		result = seal_and_send(link, inner_ip_protocol(&link->own), piece, len);
	}
	return result;
}

enum result link_send(struct link *link, struct slice message)
{
	uint8_t udp[INNER_UDP_HEADER_BYTES + LIMIT_SIP_MESSAGE_BYTES];
	size_t udp_len;
	enum result result;

	if (!link->out)
		return RESULT_NOT_FOUND;
	result = inner_udp_build(&link->own, &link->gateway, message, udp, sizeof(udp), &udp_len);
	if (result != RESULT_OK)
		return result;
	return link->is_tunnel ? send_tunnelled(link, udp, udp_len)
			       : seal_and_send(link, ESP_NEXT_UDP, udp, udp_len);
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
static enum result inner_parse(struct link *link, const struct esp_opened *opened,
			       struct slice *message)
{
	const uint8_t *udp = opened->payload;
	size_t len = opened->len;
	enum result result = RESULT_OK;

	if (opened->next_header != (link->is_tunnel ? inner_ip_protocol(&link->own) : ESP_NEXT_UDP))
		return RESULT_BAD;
	if (link->is_tunnel)
		result = inner_fragments_take(&link->fragments, link->now_ms, opened->payload,
					      opened->len, &link->gateway, &link->own, &udp, &len);
	if (result != RESULT_OK)
		return result;
	return inner_udp_parse(udp, len, link->gateway.port, link->own.port, message);
}

/* Nothing is in it; but it may be the gateway asking whether we are where a packet came from. */
static enum result dummy_take(struct link *link, const struct esp_opened *opened)
{
	uint8_t answer[PROBE_BYTES];

	if (link->out && probe_answer(opened->payload, opened->len, answer) &&
	    seal_and_send(link, ESP_NEXT_DUMMY, answer, sizeof(answer)) == RESULT_OK)
		link->probes++;
	return RESULT_MORE;
}

enum result link_open(struct link *link, const struct received *packet, bool is_encap,
		      struct slice *message)
{
	struct esp_inbound *sa = inbound_find(link, packet);
	enum result result = RESULT_DENIED;
	struct esp_opened opened;

	if (sa && is_encap == link->is_tunnel &&
	    sip_address_is_same_host(&packet->from, &link->gateway) &&
	    packet->from.port == (is_encap ? SOCKETS_ENCAP_PORT : 0))
		result = esp_inbound_open(sa, packet->at, packet->len, &opened);
	if (result == RESULT_OK)
		result = opened.next_header == ESP_NEXT_DUMMY ? dummy_take(link, &opened)
							      : inner_parse(link, &opened, message);
	if (result == RESULT_OK || result == RESULT_MORE)
		return result;
	link->refused++;
	return RESULT_DENIED;
}
