#include <stdlib.h>
#include <string.h>

#include "terminal/channel/tunnel_state.h"

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
	search_begin(&tunnel->search, &agreement->places, agreement->is_caller);
	tunnel->begun_ms = now_ms;
	tunnel->suite = suite;
	renewal_begin(&tunnel->renewal, &agreement->keys, agreement->suite, agreement->is_caller,
		      now_ms);
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
	esp_outbound_destroy(tunnel->next_out);
	esp_inbound_destroy(tunnel->in);
	esp_inbound_destroy(tunnel->next_in);
	esp_inbound_destroy(tunnel->old_in);
	renewal_end(&tunnel->renewal);
	free(tunnel);
}

bool tunnel_is_confirmed(const struct tunnel *tunnel)
{
	return tunnel->search.is_over;
}

struct sip_address tunnel_place(const struct tunnel *tunnel)
{
	return tunnel->path.address;
}

bool tunnel_has_heard(const struct tunnel *tunnel)
{
	return tunnel->heard_ms != 0;
}

uint64_t tunnel_count(const struct tunnel *tunnel, enum tunnel_counter counter)
{
	return tunnel->counters[counter];
}

void tunnel_count_uncut(struct tunnel *tunnel)
{
	tunnel->counters[TUNNEL_DROP_UNCUT]++;
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
	out->to = tunnel->path.address;
	out->at = packet;
	tunnel->said_ms = now_ms;
	return true;
}

void tunnel_say(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *to,
		uint8_t next_header, const uint8_t *bytes, size_t len)
{
	uint8_t frame[TUNNEL_FRONT_BYTES + RENEWAL_MESSAGE_BYTES + ESP_GROWTH_BYTES];
	struct tunnel_sealed sealed;

	memcpy(frame + TUNNEL_FRONT_BYTES, bytes, len);
	/* If it cannot be sealed the keys are used up, and tunnel_tick says so. */
	if (seal(tunnel, now_ms, next_header, frame, len, &sealed))
		tunnel->port.send(tunnel->port.context, to, sealed.at, sealed.len);
}

void tunnel_say_dummy(struct tunnel *tunnel, uint64_t now_ms)
{
	const uint8_t nothing[1] = {0};

	tunnel_say(tunnel, now_ms, &tunnel->path.address, ESP_NEXT_DUMMY, nothing, sizeof(nothing));
}

/* Wherever the other side named a place: it may be that from here only another one is a way. */
static void say_moved(struct tunnel *tunnel, uint64_t now_ms)
{
	const uint8_t nothing[1] = {0};
	const struct search *search = &tunnel->search;

	tunnel_say_dummy(tunnel, now_ms);
	for (unsigned i = 0; i < search->told; i++)
		if (path_is_elsewhere(&tunnel->path, &search->places[i].at))
			tunnel_say(tunnel, now_ms, &search->places[i].at, ESP_NEXT_DUMMY, nothing,
				   sizeof(nothing));
}

void tunnel_renew(struct tunnel *tunnel)
{
	renewal_want(&tunnel->renewal);
}

void tunnel_moved(struct tunnel *tunnel, uint64_t now_ms)
{
	tunnel->moved_ms = now_ms;
	say_moved(tunnel, now_ms);
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
	if (!tunnel_is_confirmed(tunnel)) {
		tunnel->counters[TUNNEL_DROP_UNCONFIRMED]++;
		return false;
	}
	if (!seal(tunnel, now_ms, version == 4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6, frame, len, out))
		return false;
	tunnel->counters[TUNNEL_SENT]++;
	tunnel->counters[TUNNEL_SENT_BYTES] += len;
	return true;
}

/* The other side hears of our new address by what we send from there. */
static bool has_just_moved(const struct tunnel *tunnel)
{
	return tunnel->moved_ms && tunnel->said_ms - tunnel->moved_ms < TUNNEL_MOVED_MS;
}

static uint64_t say_again_ms(const struct tunnel *tunnel)
{
	return tunnel->said_ms +
	       (has_just_moved(tunnel) ? TUNNEL_MOVED_AGAIN_MS : TUNNEL_KEEP_ALIVE_MS);
}

static uint64_t end_ms(const struct tunnel *tunnel)
{
	return tunnel_is_confirmed(tunnel) ? tunnel->heard_ms + TUNNEL_LOST_MS
					   : tunnel->begun_ms + TUNNEL_CONFIRM_MS;
}

void tunnel_settle_path(struct tunnel *tunnel)
{
	if (!tunnel->search.is_over || tunnel->path.address.family != 0)
		return;
	path_begin(&tunnel->path, &tunnel->search.chosen->at);
	tunnel->port.found(tunnel->port.context, &tunnel->path.address);
}

/* Says what the search has to say. */
static void look(struct tunnel *tunnel, uint64_t now_ms)
{
	struct search_message message;

	while (search_say(&tunnel->search, now_ms, &message)) {
		tunnel_settle_path(tunnel);
		tunnel_say(tunnel, now_ms, &message.to, ESP_NEXT_OWN, message.bytes,
			   sizeof(message.bytes));
	}
}

enum tunnel_fate tunnel_tick(struct tunnel *tunnel, uint64_t now_ms)
{
	if (esp_outbound_packets(tunnel->out) >= TUNNEL_PACKETS)
		return TUNNEL_USED_UP;
	look(tunnel, now_ms);
	if (now_ms >= end_ms(tunnel))
		return tunnel_is_confirmed(tunnel) ? TUNNEL_LOST : TUNNEL_UNCONFIRMED;
	tunnel_tend_keys(tunnel, now_ms);
	if (!tunnel_is_confirmed(tunnel) || now_ms < say_again_ms(tunnel))
		return TUNNEL_LIVES;
	if (has_just_moved(tunnel))
		say_moved(tunnel, now_ms);
	else
		tunnel_say_dummy(tunnel, now_ms);
	return TUNNEL_LIVES;
}

uint64_t tunnel_deadline(const struct tunnel *tunnel)
{
	uint64_t deadline = search_deadline(&tunnel->search);

	if (tunnel_is_confirmed(tunnel) && say_again_ms(tunnel) < deadline)
		deadline = say_again_ms(tunnel);
	if (end_ms(tunnel) < deadline)
		deadline = end_ms(tunnel);
	if (tunnel->old_in && tunnel->old_ms < deadline)
		deadline = tunnel->old_ms;
	if (tunnel_is_settled(tunnel) && renewal_deadline(&tunnel->renewal) < deadline)
		deadline = renewal_deadline(&tunnel->renewal);
	return deadline;
}
