/* What comes to a tunnel from the network: checked, opened, counted, handed on. */
#include "terminal/channel/control.h"
#include "terminal/channel/tunnel_state.h"
#include "terminal/esp/bytes.h"

static enum tunnel_counter fault_of(enum result result)
{
	return result == RESULT_DENIED	? TUNNEL_DROP_FORGED
	       : result == RESULT_STALE ? TUNNEL_DROP_REPLAY
					: TUNNEL_DROP_MALFORMED;
}

/* Authentic, but not from where the other side is: is it there now? */
static void ask(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from)
{
	uint8_t question[PATH_MESSAGE_BYTES];

	if (path_ask(&tunnel->path, from, now_ms, question) == RESULT_OK)
		tunnel_say(tunnel, now_ms, from, ESP_NEXT_OWN, question, sizeof(question));
}

/* What the other side says of addresses. */
static void take_path(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
		      const struct esp_opened *opened)
{
	uint8_t answer[PATH_MESSAGE_BYTES];

	switch (path_take(&tunnel->path, from, opened->payload, opened->len, answer)) {
	case PATH_NOTHING: /* an answer may come twice */
		break;
	case PATH_ASKED:
		tunnel_say(tunnel, now_ms, &tunnel->path.address, ESP_NEXT_OWN, answer,
			   sizeof(answer));
		break;
	case PATH_FOLLOWED:
		tunnel->port.followed(tunnel->port.context, &tunnel->path.address);
		break;
	}
}

static void take_control(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
			 const struct esp_opened *opened)
{
	uint8_t kind = opened->len ? opened->payload[0] : UINT8_MAX;

	if (kind == CONTROL_ASK || kind == CONTROL_HERE)
		take_path(tunnel, now_ms, from, opened);
	else
		tunnel_take_renewal(tunnel, now_ms, opened);
}

/* What an authentic packet carries. */
static void take(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
		 const struct esp_opened *opened)
{
	unsigned version;

	if (opened->next_header == ESP_NEXT_DUMMY)
		return;
	if (opened->next_header == ESP_NEXT_OWN) {
		take_control(tunnel, now_ms, from, opened);
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
	const bool is_elsewhere = path_is_elsewhere(&tunnel->path, from);
	struct esp_opened opened;
	struct esp_inbound *in;
	enum result result;

	/* Who names himself by another address must prove that he is the one we have heard. */
	if (is_elsewhere &&
	    (!tunnel->is_confirmed || from->family != tunnel->path.address.family)) {
		tunnel->counters[TUNNEL_DROP_STRANGER]++;
		return;
	}
	in = len < ESP_HEADER_BYTES ? NULL : tunnel_find_in(tunnel, bytes_get_u32(packet));
	result = in ? esp_inbound_open(in, packet, len, &opened) : RESULT_BAD;
	if (result != RESULT_OK) {
		tunnel->counters[is_elsewhere ? TUNNEL_DROP_STRANGER : fault_of(result)]++;
		return;
	}
	tunnel->heard_ms = now_ms;
	if (!tunnel->is_confirmed) {
		tunnel->is_confirmed = true;
		/* The peer may have had nothing of ours yet: its SA came later than our first. */
		tunnel_say_dummy(tunnel, now_ms);
	}
	if (in == tunnel->next_in)
		tunnel_settle(tunnel, now_ms);
	if (is_elsewhere)
		ask(tunnel, now_ms, from);
	take(tunnel, now_ms, from, &opened);
}
