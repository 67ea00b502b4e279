#include "terminal/channel/tunnel.h"

#include <stdlib.h>

#include "terminal/esp/bytes.h"

/*
 * Each renewal has the caller send under the new keys at once, for the callee had them first; the
 * callee does so when he has heard him. So whatever is sent finds keys that open it.
 */
struct tunnel {
	struct tunnel_port port;
	struct overlay own, peer;
	struct sip_address address;
	const struct esp_suite *suite;
	struct renewal renewal;
	struct esp_outbound *out;
	struct esp_outbound *next_out; /* the callee's, until the caller is heard under next_in */
	struct esp_inbound *in;
	struct esp_inbound *next_in; /* nothing has come under it yet */
	struct esp_inbound *old_in;  /* before in; until old_ms */
	uint64_t old_ms;
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

uint32_t tunnel_spi_in(const struct tunnel *tunnel)
{
	return esp_inbound_spi(tunnel->next_in ? tunnel->next_in : tunnel->in);
}

uint32_t tunnel_spi_out(const struct tunnel *tunnel)
{
	return esp_outbound_spi(tunnel->next_out ? tunnel->next_out : tunnel->out);
}

/* NULL if it is not ours. */
static struct esp_inbound *find_in(const struct tunnel *tunnel, uint32_t spi)
{
	struct esp_inbound *const sas[] = {tunnel->in, tunnel->next_in, tunnel->old_in};

	for (unsigned i = 0; i < 3; i++)
		if (sas[i] && esp_inbound_spi(sas[i]) == spi)
			return sas[i];
	return NULL;
}

bool tunnel_has_spi(const struct tunnel *tunnel, uint32_t spi)
{
	return find_in(tunnel, spi) != NULL;
}

void tunnel_renew(struct tunnel *tunnel)
{
	renewal_want(&tunnel->renewal);
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

/* A few bytes of the tunnel's own. */
static void say(struct tunnel *tunnel, uint64_t now_ms, uint8_t next_header, const uint8_t *bytes,
		size_t len)
{
	uint8_t frame[TUNNEL_FRONT_BYTES + RENEWAL_MESSAGE_BYTES + ESP_GROWTH_BYTES];
	struct tunnel_sealed sealed;

	memcpy(frame + TUNNEL_FRONT_BYTES, bytes, len);
	/* If it cannot be sealed the keys are used up, and tunnel_tick says so. */
	if (seal(tunnel, now_ms, next_header, frame, len, &sealed))
		tunnel->port.send(tunnel->port.context, &sealed.to, sealed.at, sealed.len);
}

/* Nothing but that we are there. */
static void say_dummy(struct tunnel *tunnel, uint64_t now_ms)
{
	const uint8_t nothing[1] = {0};

	say(tunnel, now_ms, ESP_NEXT_DUMMY, nothing, sizeof(nothing));
}

/* Are there only the newest keys, used by both sides? Else others would be too soon. */
static bool is_settled(const struct tunnel *tunnel)
{
	return tunnel->is_confirmed && !tunnel->next_in && !tunnel->old_in;
}

/* Both SAs, or neither. The caller sends on his at once, the callee when he has heard him. */
static enum result install(struct tunnel *tunnel, const struct renewal_sas *sas)
{
	struct esp_outbound *out;
	enum result result = esp_outbound_create(tunnel->suite, sas->spi_out, sas->key_out, &out);

	if (result != RESULT_OK)
		return result;
	result = esp_inbound_create(tunnel->suite, sas->spi_in, sas->key_in, &tunnel->next_in);
	if (result != RESULT_OK) {
		esp_outbound_destroy(out);
		return result;
	}
	if (tunnel->renewal.is_caller) {
		esp_outbound_destroy(tunnel->out);
		tunnel->out = out;
	} else {
		tunnel->next_out = out;
	}
	tunnel->counters[TUNNEL_RENEWALS]++;
	tunnel->port.renewed(tunnel->port.context, sas);
	return RESULT_OK;
}

/* The other side's first packet under the new keys: it has them, and sends no more under the old.
 */
static void settle(struct tunnel *tunnel, uint64_t now_ms)
{
	tunnel->old_in = tunnel->in;
	tunnel->old_ms = now_ms + TUNNEL_OLD_MS;
	tunnel->in = tunnel->next_in;
	tunnel->next_in = NULL;
	if (tunnel->next_out) {
		esp_outbound_destroy(tunnel->out);
		tunnel->out = tunnel->next_out;
		tunnel->next_out = NULL;
		say_dummy(tunnel, now_ms); /* the caller is to know, too */
	}
}

/* What the other side says of the keys. */
static void take_renewal(struct tunnel *tunnel, uint64_t now_ms, const struct esp_opened *opened)
{
	struct renewal_message answer;
	struct renewal_sas sas;
	enum result result;

	result = renewal_take(&tunnel->renewal, opened->payload, opened->len, is_settled(tunnel),
			      now_ms, &sas, &answer);
	if (result == RESULT_OK) {
		/* Without memory for them the next packets are lost, and the channel is. */
		result = install(tunnel, &sas);
		secret_wipe_bytes(&sas, sizeof(sas));
	} else if (result != RESULT_NOT_FOUND) {
		tunnel->counters[TUNNEL_DROP_MALFORMED]++;
	}
	if (answer.len)
		say(tunnel, now_ms, ESP_NEXT_OWN, answer.bytes, answer.len);
	else if (result == RESULT_OK)
		say_dummy(tunnel, now_ms); /* under the new keys */
}

static enum tunnel_counter fault_of(enum result result)
{
	return result == RESULT_DENIED	? TUNNEL_DROP_FORGED
	       : result == RESULT_STALE ? TUNNEL_DROP_REPLAY
					: TUNNEL_DROP_MALFORMED;
}

/* What an authentic packet carries. */
static void take(struct tunnel *tunnel, uint64_t now_ms, const struct esp_opened *opened)
{
	unsigned version;

	if (opened->next_header == ESP_NEXT_DUMMY)
		return;
	if (opened->next_header == ESP_NEXT_OWN) {
		take_renewal(tunnel, now_ms, opened);
		return;
	}
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
	struct esp_inbound *in;
	enum result result;

	if (!sip_address_is_same_host(from, &tunnel->address)) {
		tunnel->counters[TUNNEL_DROP_STRANGER]++;
		return;
	}
	in = len < ESP_HEADER_BYTES ? NULL : find_in(tunnel, bytes_get_u32(packet));
	result = in ? esp_inbound_open(in, packet, len, &opened) : RESULT_BAD;
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
	if (in == tunnel->next_in)
		settle(tunnel, now_ms);
	take(tunnel, now_ms, &opened);
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

/* The old keys go, and new ones are asked for, when it is time to. */
static void tend_keys(struct tunnel *tunnel, uint64_t now_ms)
{
	uint64_t sent = esp_outbound_packets(tunnel->out);
	uint64_t received = esp_inbound_packets(tunnel->in);
	struct renewal_message message;

	if (tunnel->old_in && now_ms >= tunnel->old_ms) {
		esp_inbound_destroy(tunnel->old_in);
		tunnel->old_in = NULL;
	}
	if (is_settled(tunnel) &&
	    renewal_say(&tunnel->renewal, sent > received ? sent : received, now_ms, &message) ==
		    RESULT_OK &&
	    message.len)
		say(tunnel, now_ms, ESP_NEXT_OWN, message.bytes, message.len);
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
	tend_keys(tunnel, now_ms);
	if (tunnel->said_ms == 0 || now_ms >= say_again_ms(tunnel))
		say_dummy(tunnel, now_ms);
	return TUNNEL_LIVES;
}

uint64_t tunnel_deadline(const struct tunnel *tunnel)
{
	uint64_t deadline = tunnel->said_ms == 0 ? tunnel->begun_ms : say_again_ms(tunnel);

	if (end_ms(tunnel) < deadline)
		deadline = end_ms(tunnel);
	if (tunnel->old_in && tunnel->old_ms < deadline)
		deadline = tunnel->old_ms;
	if (is_settled(tunnel) && renewal_deadline(&tunnel->renewal) < deadline)
		deadline = renewal_deadline(&tunnel->renewal);
	return deadline;
}
