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
	uint8_t question[CONTROL_PATH_BYTES];

	if (path_ask(&tunnel->path, from, now_ms, question) == RESULT_OK)
		tunnel_say(tunnel, now_ms, from, ESP_NEXT_OWN, question, sizeof(question));
}

/* What the other side says of the way, while it is looked for. */
static void take_search(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
			const struct esp_opened *opened)
{
	struct search_message answer;
	bool has_answer =
		search_take(&tunnel->search, from, opened->payload, opened->len, now_ms, &answer);

	tunnel_settle_path(tunnel);
	if (has_answer)
		tunnel_say(tunnel, now_ms, &answer.to, ESP_NEXT_OWN, answer.bytes,
			   sizeof(answer.bytes));
}

/* What it says of its place, when there is a way. */
static void take_path(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
		      const struct esp_opened *opened)
{
	/* A question from elsewhere may be a copy: to be answered there, it is a place he named. */
	const struct sip_address *to =
		search_is_told(&tunnel->search, from) ? from : &tunnel->path.address;
	uint8_t answer[CONTROL_PATH_BYTES];

	switch (path_take(&tunnel->path, from, opened->payload, opened->len, answer)) {
	case PATH_NOTHING: /* an answer may come twice */
		break;
	case PATH_ASKED:
		tunnel_say(tunnel, now_ms, to, ESP_NEXT_OWN, answer, sizeof(answer));
		break;
	case PATH_FOLLOWED:
		tunnel_say_dummy(tunnel, now_ms); /* he may have to follow us, too */
		tunnel->port.followed(tunnel->port.context, &tunnel->path.address);
		break;
	}
}

/* What is said of the way comes from several places while it is looked for. */
static bool is_about_path(const struct esp_opened *opened)
{
	return opened->next_header == ESP_NEXT_OWN && opened->len == CONTROL_PATH_BYTES &&
	       opened->payload[0] >= CONTROL_ASK && opened->payload[0] <= CONTROL_TAKEN;
}

static void take_control(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
			 const struct esp_opened *opened)
{
	if (!is_about_path(opened))
		tunnel_take_renewal(tunnel, now_ms, opened);
	else if (!tunnel_is_confirmed(tunnel) || opened->payload[0] >= CONTROL_TAKE)
		take_search(tunnel, now_ms, from, opened);
	else
		take_path(tunnel, now_ms, from, opened);
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
	const bool is_confirmed = tunnel_is_confirmed(tunnel);
	const bool is_elsewhere = is_confirmed && path_is_elsewhere(&tunnel->path, from);
	const bool is_known = is_confirmed ? !is_elsewhere : search_knows(&tunnel->search, from);
	struct esp_opened opened;
	struct esp_inbound *in;
	enum result result;

	in = len < ESP_HEADER_BYTES ? NULL : tunnel_find_in(tunnel, bytes_get_u32(packet));
	result = in ? esp_inbound_open(in, packet, len, &opened) : RESULT_BAD;
	if (result != RESULT_OK) {
		tunnel->counters[is_known ? fault_of(result) : TUNNEL_DROP_STRANGER]++;
		return;
	}
	tunnel->heard_ms = now_ms;
	if (in == tunnel->next_in)
		tunnel_settle(tunnel, now_ms);
	if (is_elsewhere && !is_about_path(&opened))
		ask(tunnel, now_ms, from);
	take(tunnel, now_ms, from, &opened);
}
