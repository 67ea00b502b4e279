/*
 * Bytes as the life of a terminal's user agent: pieces parted by NUL. A piece of one byte is
 * something done (call, answer, hangup, message, time that passes), any other a message that comes:
 * from the gateway, or with a "<" before it from a SIP client of the machine. In it the bytes 1 to
 * 4 stand for what only the agent knows: branch, From tag and Call-ID of the request it sent last
 * to the gateway, To tag of its last response; 5 to 8 for the same of what it sent to the client.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/limits.h"
#include "shared/sip/message.h"
#include "terminal/ua/timers.h"
#include "terminal/ua/ua.h"
#include "tests/fuzz/target.h"

#define KNOWN_BYTES 256

struct known {
	char bytes[KNOWN_BYTES];
	size_t len;
};

struct life {
	struct ua *ua;
	uint64_t now_ms;
	struct known known[8];
};

static void know(struct known *known, struct slice text)
{
	known->len = text.len < KNOWN_BYTES ? text.len : KNOWN_BYTES;
	if (known->len)
		memcpy(known->bytes, text.at, known->len);
}

/* The answer to what does not parse repeats it, and need not parse either. */
static bool is_to_nonsense(struct slice bytes)
{
	return bytes.len > 11 && (memcmp(bytes.at, "SIP/2.0 400", 11) == 0 ||
				  memcmp(bytes.at, "SIP/2.0 505", 11) == 0);
}

/* Whatever it is told, what it sends is SIP. */
static void on_sent(void *context, const struct flow *flow, struct slice bytes)
{
	static struct sip_message message;
	struct life *life = context;
	struct known *known = &life->known[flow_is_local(flow) ? 4 : 0];

	MUST(bytes.len <= LIMIT_SIP_MESSAGE_BYTES);
	if (is_to_nonsense(bytes))
		return;
	MUST(sip_message_parse(bytes.at, bytes.len, &message) == SIP_VERDICT_OK);
	if (message.is_request) {
		know(&known[0], message.via.branch);
		know(&known[1], message.from.tag);
		know(&known[2], message.call_id);
	} else {
		know(&known[3], message.to.tag);
	}
}

static void on_told(void *context, const struct ua_event *event)
{
	(void)context;
	MUST(event->kind < UA_EVENT_COUNT);
}

static const struct flow client_flow = {
	.kind = FLOW_UDP,
	.peer = {.bytes = {127, 0, 0, 1}, .port = 5070, .family = 4},
};

static void make(struct life *life)
{
	const struct ua_settings settings = {
		.aor = SLICE("b@x"),
		.domain = SLICE("x"),
		.instance = SLICE("urn:x:y"),
		.policy = {SERIES_TRUST_SERIES, 2},
	};
	const struct series_link link = {
		.own = {.bytes = {10, 0, 0, 2}, .port = 5060, .family = 4},
		.gateway = {.bytes = {10, 0, 0, 1}, .port = 5060, .family = 4},
		.level = 3,
	};
	const struct ua_port port = {life, on_sent, on_told};

	MUST(ua_create(&settings, &port, &life->ua) == RESULT_OK);
	ua_link_set(life->ua, &link);
	ua_local_set(life->ua, &client_flow.peer, &client_flow.peer);
	ua_attached_set(life->ua, true);
}

static void pass(struct life *life, uint64_t ms)
{
	uint64_t end = life->now_ms + ms;

	/* Each deadline that is met moves on: no clock stands still. */
	for (unsigned turns = 0; ua_deadline(life->ua) <= end; turns++) {
		MUST(turns < 10000);
		life->now_ms = timer_earlier(ua_deadline(life->ua), end);
		ua_tick(life->ua, life->now_ms);
	}
	life->now_ms = end;
}

static void act(struct life *life, uint8_t what)
{
	static const struct ua_forgery none;
	enum result result = RESULT_OK;

	switch (what) {
	case 'c':
		result = ua_call(life->ua, life->now_ms, SLICE("a@x"), &none);
		break;
	case 'a':
		result = ua_answer(life->ua, life->now_ms, 1);
		break;
	case 'h':
		result = ua_hangup(life->ua, life->now_ms, 1);
		break;
	case 'm':
		result = ua_message(life->ua, life->now_ms, SLICE("a@x"), SLICE("hello"), &none);
		break;
	case 't':
		pass(life, TIMER_T1_MS);
		break;
	case 'T':
		pass(life, TIMER_RING_MS + TIMER_LIFE_MS);
		break;
	default:
		break;
	}
	MUST(result != RESULT_BAD);
}

static void hear(struct life *life, const uint8_t *at, size_t len)
{
	static char message[LIMIT_SIP_MESSAGE_BYTES];
	bool is_local = len > 0 && at[0] == '<';
	size_t out = 0;

	for (size_t i = is_local; i < len && out + KNOWN_BYTES < sizeof(message); i++) {
		if (at[i] >= 1 && at[i] <= 8) {
			const struct known *known = &life->known[at[i] - 1];

			memcpy(message + out, known->bytes, known->len);
			out += known->len;
		} else {
			message[out++] = (char)at[i];
		}
	}
	if (is_local)
		ua_receive_local(life->ua, life->now_ms, &client_flow, slice_make(message, out));
	else
		ua_receive(life->ua, life->now_ms, slice_make(message, out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct life life = {0};

	make(&life);
	while (size > 0) {
		const uint8_t *end = memchr(data, 0, size);
		size_t len = end ? (size_t)(end - data) : size;

		if (len == 1)
			act(&life, *data);
		else
			hear(&life, data, len);
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
	pass(&life, 2 * (TIMER_RING_MS + TIMER_LIFE_MS));
	ua_destroy(life.ua);
	return 0;
}
