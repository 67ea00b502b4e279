#include "terminal/channel/tunnel.h"

#include <stdlib.h>

struct tunnel {
	struct tunnel_port port;
	struct overlay own, peer;
	struct sip_address address;
	struct esp_outbound *out;
	struct esp_inbound *in;
	uint64_t begun_ms, heard_ms, said_ms;
	bool is_confirmed;
	uint64_t counters[TUNNEL_COUNTER_COUNT];
};

const char *tunnel_counter_name(enum tunnel_counter counter)
{
	static const char *const names[TUNNEL_COUNTER_COUNT] = {
#define TUNNEL_COUNTER_NAME(id, name) [TUNNEL_##id] = name,
		TUNNEL_COUNTERS(TUNNEL_COUNTER_NAME)
#undef TUNNEL_COUNTER_NAME
	};

	return names[counter];
}

enum result tunnel_create(const struct agreement *agreement, const struct tunnel_port *port,
			  uint64_t now_ms, struct tunnel **out)
{
	const struct esp_suite *suite = esp_suite_by_number(agreement->suite);
	struct tunnel *tunnel;
	enum result result;

	if (!suite)
		return RESULT_BAD;
	tunnel = calloc(1, sizeof(*tunnel));
	if (!tunnel)
		return RESULT_MEMORY;
	tunnel->port = *port;
	tunnel->own = agreement->own;
	tunnel->peer = agreement->peer;
	tunnel->address = agreement->address;
	tunnel->begun_ms = now_ms;
	result = esp_outbound_create(suite, agreement->spi_out, agreement->key_out, &tunnel->out);
	if (result == RESULT_OK)
		result = esp_inbound_create(suite, agreement->spi_in, agreement->key_in,
					    &tunnel->in);
	if (result != RESULT_OK) {
		tunnel_destroy(tunnel);
		return result;
	}
	*out = tunnel;
	return RESULT_OK;
}

void tunnel_destroy(struct tunnel *tunnel)
{
	if (!tunnel)
		return;
	esp_outbound_destroy(tunnel->out);
	esp_inbound_destroy(tunnel->in);
	free(tunnel);
}

uint32_t tunnel_spi_in(const struct tunnel *tunnel)
{
	return esp_inbound_spi(tunnel->in);
}

bool tunnel_is_confirmed(const struct tunnel *tunnel)
{
	return tunnel->is_confirmed;
}

uint64_t tunnel_count(const struct tunnel *tunnel, enum tunnel_counter counter)
{
	return tunnel->counters[counter];
}

/* len bytes at TUNNEL_FRONT_BYTES of the frame. */
static bool seal(struct tunnel *tunnel, uint64_t now_ms, uint8_t next_header, uint8_t *frame,
		 size_t len, struct tunnel_sealed *out)
{
	uint8_t *payload = frame + TUNNEL_FRONT_BYTES;
	uint8_t *packet = payload - esp_outbound_front(tunnel->out);

	if (esp_outbound_packets(tunnel->out) >= TUNNEL_PACKETS ||
	    esp_outbound_seal(tunnel->out, next_header, payload, len, packet,
			      len + ESP_GROWTH_BYTES, &out->len) != RESULT_OK)
		return false;
	out->to = tunnel->address;
	out->at = packet;
	tunnel->said_ms = now_ms;
	return true;
}

/* Nothing but that we are there. */
static void say_dummy(struct tunnel *tunnel, uint64_t now_ms)
{
	uint8_t frame[TUNNEL_FRONT_BYTES + 1 + ESP_GROWTH_BYTES] = {0};
	struct tunnel_sealed sealed;

	/* If it cannot be sealed the keys are used up, and tunnel_tick says so. */
	if (seal(tunnel, now_ms, ESP_NEXT_DUMMY, frame, 1, &sealed))
		tunnel->port.send(tunnel->port.context, &sealed.to, sealed.at, sealed.len);
}

static enum tunnel_counter fault_of(enum result result)
{
	return result == RESULT_DENIED	? TUNNEL_DROP_FORGED
	       : result == RESULT_STALE ? TUNNEL_DROP_REPLAY
					: TUNNEL_DROP_MALFORMED;
}

/* What an authentic packet carries. */
static void take(struct tunnel *tunnel, const struct esp_opened *opened)
{
	unsigned version;

	if (opened->next_header == ESP_NEXT_DUMMY)
		return;
	if (overlay_is_between(&tunnel->peer, &tunnel->own, opened->payload, opened->len,
			       &version) &&
	    opened->next_header == (version == 4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6)) {
		tunnel->counters[TUNNEL_RECEIVED]++;
		tunnel->counters[TUNNEL_RECEIVED_BYTES] += opened->len;
		tunnel->port.deliver(tunnel->port.context, opened->payload, opened->len);
		return;
	}
	tunnel->counters[version ? TUNNEL_DROP_SPOOFED : TUNNEL_DROP_MALFORMED]++;
}

void tunnel_receive(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
		    uint8_t *packet, size_t len)
{
	struct esp_opened opened;
	enum result result;

	if (!sip_address_is_same_host(from, &tunnel->address)) {
		tunnel->counters[TUNNEL_DROP_STRANGER]++;
		return;
	}
	result = esp_inbound_open(tunnel->in, packet, len, &opened);
	if (result != RESULT_OK) {
		tunnel->counters[fault_of(result)]++;
		return;
	}
	tunnel->heard_ms = now_ms;
	if (!tunnel->is_confirmed) {
		tunnel->is_confirmed = true;
		/* The peer may have had nothing of ours yet: its SA came later than our first. */
		say_dummy(tunnel, now_ms);
	}
	take(tunnel, &opened);
}

bool tunnel_seal(struct tunnel *tunnel, uint64_t now_ms, uint8_t frame[TUNNEL_FRAME_BYTES],
		 size_t len, struct tunnel_sealed *out)
{
	unsigned version;

	if (len > TUNNEL_PACKET_BYTES ||
	    !overlay_is_between(&tunnel->own, &tunnel->peer, frame + TUNNEL_FRONT_BYTES, len,
				&version)) {
		tunnel->counters[TUNNEL_DROP_ELSEWHERE]++;
		return false;
	}
	if (!tunnel->is_confirmed) {
		tunnel->counters[TUNNEL_DROP_UNCONFIRMED]++;
		return false;
	}
	if (!seal(tunnel, now_ms, version == 4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6, frame, len, out))
		return false;
	tunnel->counters[TUNNEL_SENT]++;
	tunnel->counters[TUNNEL_SENT_BYTES] += len;
	return true;
}

static uint64_t say_again_ms(const struct tunnel *tunnel)
{
	return tunnel->said_ms + (tunnel->is_confirmed ? TUNNEL_KEEP_ALIVE_MS : TUNNEL_PROBE_MS);
}

static uint64_t end_ms(const struct tunnel *tunnel)
{
	return tunnel->is_confirmed ? tunnel->heard_ms + TUNNEL_LOST_MS
				    : tunnel->begun_ms + TUNNEL_CONFIRM_MS;
}

enum tunnel_fate tunnel_tick(struct tunnel *tunnel, uint64_t now_ms)
{
	if (esp_outbound_packets(tunnel->out) >= TUNNEL_PACKETS)
		return TUNNEL_USED_UP;
	if (now_ms >= end_ms(tunnel))
		return tunnel->is_confirmed ? TUNNEL_LOST : TUNNEL_UNCONFIRMED;
	if (tunnel->said_ms == 0 || now_ms >= say_again_ms(tunnel))
		say_dummy(tunnel, now_ms);
	return TUNNEL_LIVES;
}

uint64_t tunnel_deadline(const struct tunnel *tunnel)
{
	uint64_t again = tunnel->said_ms == 0 ? tunnel->begun_ms : say_again_ms(tunnel);

	return again < end_ms(tunnel) ? again : end_ms(tunnel);
}
