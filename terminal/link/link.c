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
	link->where_ms = now_ms;
	link->where_tries = 0;
	inbound_push(link, in, now_ms);
	return RESULT_OK;
}

void link_down(struct link *link)
{
	esp_outbound_destroy(link->out);
	link->out = NULL;
	link->seen.family = 0;
	for (unsigned i = 0; i < LINK_INBOUND; i++) {
		esp_inbound_destroy(link->in[i].sa);
		link->in[i] = (struct link_inbound){0};
	}
}

/* Where the gateway's end of the channel is out there. */
static struct sip_address outer_place(const struct link *link)
{
	struct sip_address place = link->gateway;

	place.port = link->is_tunnel ? SOCKETS_ENCAP_PORT : 0;
	return place;
}

/* What ESP seals, by the way agreed. */
static enum result seal_and_send(struct link *link, uint8_t next_header, const uint8_t *inner,
				 size_t len)
{
	uint8_t packet[LIMIT_SIP_MESSAGE_BYTES + INNER_UDP_HEADER_BYTES + ESP_GROWTH_BYTES];
	const struct sip_address place = outer_place(link);
	size_t packet_len;
	enum result result = esp_outbound_seal(link->out, next_header, inner, len, packet,
					       sizeof(packet), &packet_len);

	if (result != RESULT_OK)
		return result;
	link->keep_open_ms = link->now_ms + LINK_KEEP_OPEN_MS;
	return sockets_send_esp(link->sockets, &place, packet, packet_len);
}

/* From where does the gateway see us? A NAT may give us another port at any time. */
static void ask_where(struct link *link)
{
	uint8_t question[WHERE_BYTES];

	if (link->where_tries >= LINK_WHERE_TRIES) {
		link->where_tries = 0;
		link->where_ms = link->now_ms + LINK_WHERE_MS;
		return;
	}
	link->where_tries++;
	link->where_ms = link->now_ms + LINK_WHERE_AGAIN_MS;
	if (random_fill(&link->random, link->where_cookie, sizeof(link->where_cookie)) != RESULT_OK)
		return;
	where_ask(link->where_cookie, question);
	/* One that is lost is made up for by the next. */
	(void)!seal_and_send(link, ESP_NEXT_DUMMY, question, sizeof(question));
}

static void keep_open(struct link *link)
{
	static const uint8_t keepalive = 0xff; /* RFC 3948 2.3 */
	const struct sip_address place = outer_place(link);

	(void)!sockets_send_esp(link->sockets, &place, &keepalive, 1);
	link->keep_open_ms = link->now_ms + LINK_KEEP_OPEN_MS;
}

void link_tick(struct link *link, uint64_t now_ms)
{
	link->now_ms = now_ms;
	if (link->out && link->is_tunnel && now_ms >= link->where_ms)
		ask_where(link);
	if (link->out && link->is_tunnel && now_ms >= link->keep_open_ms)
		keep_open(link);
	for (unsigned i = 1; i < LINK_INBOUND; i++) {
		if (link->in[i].sa && now_ms >= link->in[i].end_ms) {
			esp_inbound_destroy(link->in[i].sa);
			link->in[i] = (struct link_inbound){0};
		}
	}
}

/* An IP header before the UDP datagram, and as many fragments of both as fit the path. */
static enum result send_tunnelled(struct link *link, const uint8_t *udp, size_t udp_len)
{
	uint8_t whole[INNER_IP_HEADER_BYTES + INNER_UDP_HEADER_BYTES + LIMIT_SIP_MESSAGE_BYTES];
	uint8_t piece[INNER_FRAGMENTS_PATH_BYTES];
	size_t most =
		esp_outbound_payload_most(link->out, INNER_FRAGMENTS_PATH_BYTES - LINK_OUTER_BYTES);
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

/* Where the gateway sees us is known for a while. */
static void take_seen(struct link *link)
{
	link->where_tries = 0;
	link->where_ms = link->now_ms + LINK_WHERE_MS;
}

/* The gateway asks whether we are where a packet came from: then our NAT's port is another now. */
static void answer_probe(struct link *link, const uint8_t answer[PROBE_BYTES])
{
	if (seal_and_send(link, ESP_NEXT_DUMMY, answer, PROBE_BYTES) == RESULT_OK)
		link->probes++;
	link->where_tries = 0;
	link->where_ms = link->now_ms + LINK_WHERE_AGAIN_MS;
}

/* Nothing for the user agent is in it; but it may ask us something, or answer what we have asked.
 */
static enum result dummy_take(struct link *link, const struct esp_opened *opened)
{
	uint8_t answer[PROBE_BYTES];

	if (link->out && probe_answer(opened->payload, opened->len, answer))
		answer_probe(link, answer);
	else if (link->where_tries &&
		 where_take(opened->payload, opened->len, link->where_cookie, &link->seen))
		take_seen(link);
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
