#include "dataplane/rules/packet_rules.h"

#include <string.h>

#include "dataplane/tables/sa.h"
#include "dataplane/worker.h"
#include "shared/sip/chars.h"

/* The fields that are nothing at first. */
#define CLEARED_FROM offsetof(struct packet_rules, message)
#define CLEARED	     (offsetof(struct packet_rules, ingress) - CLEARED_FROM)

/* In pieces, which become vector stores: for all at once the compiler takes REP STOS, slow to
 * begin. */
static inline void found_clear(struct packet_rules *rules)
{
	char *at = (char *)rules + CLEARED_FROM;

	_Static_assert(CLEARED > 128 && CLEARED <= 192, "these three pieces");
	memset(at, 0, 64);
	memset(at + 64, 0, 64);
	memset(at + 128, 0, CLEARED - 128);
}

/* Nothing but REGISTER can be served without the keys that the control plane sends first. */
static bool is_keyed(const struct key_picture *keys, uint64_t now_s)
{
	return keys->has_persistent && rotating_keys_maker(&keys->sk, now_s) != NULL &&
	       rotating_keys_maker(&keys->token, now_s) != NULL;
}

void rules_begin(struct packet_rules *rules, const struct tables *tables, struct event_ring *events,
		 uint64_t now_ms)
{
	rules->tables = tables;
	rules->settings = settings_view(tables->settings);
	rules->keys = key_table_view(tables->keys);
	rules->events = events;
	rules->now_ms = now_ms;
	rules->now_s = now_ms / 1000;
	rules->is_keyed = is_keyed(rules->keys, rules->now_s);
	found_clear(rules);
}

void rules_begin_beside(struct packet_rules *rules, const struct packet_rules *beside)
{
	memcpy(rules, beside, CLEARED_FROM);
	found_clear(rules);
}

/*
 * Many URIs are written as their canonical form is: "user@host" of plain characters, no port, a
 * name for a host. Then the AOR is a slice of the message; empty: not so.
 */
static struct slice plain_aor(const struct sip_uri *uri)
{
	const char *host = uri->host.at, *end = host + uri->host.len;

	if (uri->scheme > SIP_SCHEME_SIPS || uri->user.len == 0 || uri->has_password ||
	    uri->port != 0 || uri->host.len == 0 || uri->user.at + uri->user.len + 1 != host ||
	    (size_t)(end - uri->user.at) > LIMIT_AOR_BYTES)
		return slice_make(host, 0);
	if (sip_chars_skip_many(uri->user.at, host - 1, SIP_CHAR_UNRESERVED) != host - 1 ||
	    sip_chars_skip_many(host, end, SIP_CHAR_HOST_PLAIN) != end)
		return slice_make(host, 0);
	/* A last label of digits: it may be an IPv4 address. */
	if (sip_char_is(end[-1], SIP_CHAR_DIGIT))
		return slice_make(host, 0);
	return slice_make(uri->user.at, (size_t)(end - uri->user.at));
}

struct slice rules_canonical_odd(struct packet_rules *rules, const struct sip_uri *uri)
{
	struct slice aor = plain_aor(uri);

	if (aor.len > 0)
		return aor;
	if (rules->aor_count == PACKET_RULES_AORS)
		return slice_make("", 0);
	if (sip_uri_aor(uri, rules->aor_room[rules->aor_count], &aor) != RESULT_OK)
		return slice_make("", 0);
	rules->aor_count++;
	return aor;
}

/* Past the host: where ":port" starts, or the end. */
static const char *host_end(const char *host, const char *end)
{
	const char *colon = host;

	if (host < end && *host == '[') {
		const char *close = memchr(host, ']', (size_t)(end - host));

		return close ? close + 1 : end;
	}
	colon = memchr(host, ':', (size_t)(end - host));
	return colon ? colon : end;
}

struct slice rules_aor_domain(struct slice aor)
{
	const char *end, *host;

	if (aor.len == 0)
		return aor;
	end = aor.at + aor.len;
	host = memrchr(aor.at, '@', aor.len);
	if (host)
		host++;
	else if (aor.len > 4 && (memcmp(aor.at, "tel:", 4) == 0 || memcmp(aor.at, "urn:", 4) == 0))
		return slice_make(aor.at, 0);
	else
		host = aor.at;
	return slice_make(host, (size_t)(host_end(host, end) - host));
}

static void text_copy(char *to, size_t room, struct slice text)
{
	size_t length = text.len < room ? text.len : room - 1;

	if (length > 0)
		memcpy(to, text.at, length);
	to[length] = 0;
}

static void leg_tell(const struct link *link, struct contract_leg *leg)
{
	static const uint8_t kinds[] = {
		[LEG_TERMINAL] = CONTRACT_LEG_TERMINAL,
		[LEG_PEER] = CONTRACT_LEG_PEER,
		[LEG_CLEAR] = CONTRACT_LEG_CLEAR,
		[LEG_SELF] = CONTRACT_LEG_SELF,
	};

	leg->kind = kinds[link->kind];
	leg->level = link->level;
	if (link->kind == LEG_PEER)
		leg->index = link->peer->index;
	if (link->kind == LEG_TERMINAL && link->binding) {
		leg->index = link->binding->index;
		leg->generation = link->binding->generation;
	}
	if (link->kind == LEG_TERMINAL || link->kind == LEG_CLEAR) {
		leg->address.family = (uint8_t)link->remote.family;
		leg->address.port = link->remote.port;
		memcpy(leg->address.bytes, link->remote.bytes, sizeof(leg->address.bytes));
	}
}

static struct contract_event *event_begin(struct packet_rules *rules, enum contract_event_kind kind,
					  uint16_t status)
{
	const struct sip_message *message = rules->message;
	struct contract_event *event = rules->events ? event_ring_begin(rules->events, kind) : NULL;

	if (!event)
		return NULL;
	event->status = status;
	event->sa_index = SA_INDEX(rules->sa_handle);
	event->sa_generation = SA_GENERATION(rules->sa_handle);
	event->time_ms = rules->now_ms;
	leg_tell(&rules->ingress, &event->came_by);
	text_copy(event->method, sizeof(event->method), message->method_name);
	text_copy(event->caller, sizeof(event->caller), rules->caller.text);
	text_copy(event->callee, sizeof(event->callee), rules->to.text);
	text_copy(event->call_id, sizeof(event->call_id), message->call_id);
	return event;
}

void rules_tell_refusal(struct packet_rules *rules, enum contract_event_kind kind, uint16_t status,
			struct slice claimed)
{
	struct contract_event *event = event_begin(rules, kind, status);

	if (!event)
		return;
	text_copy(event->claimed, sizeof(event->claimed), claimed);
	event_ring_commit(rules->events);
}

void rules_tell_malformed(struct packet_rules *rules, enum sip_fault fault, uint16_t status)
{
	struct contract_event *event = event_begin(rules, CONTRACT_EVENT_MALFORMED, status);

	if (!event)
		return;
	event->fault = (uint8_t)fault;
	event_ring_commit(rules->events);
}

void rules_tell_dialog(struct packet_rules *rules, enum contract_event_kind kind, uint16_t status)
{
	struct contract_event *event = event_begin(rules, kind, status);

	if (!event)
		return;
	leg_tell(&rules->egress, &event->goes_to);
	event_ring_commit(rules->events);
}

enum rules_way rules_reply(struct packet_rules *rules, uint16_t status)
{
	rules->status = status;
	return RULES_REPLY;
}

enum rules_way rules_drop(struct packet_rules *rules, enum drop_reason reason)
{
	rules->drop_reason = (uint16_t)reason;
	return RULES_DROP;
}

enum rules_way rules_refuse(struct packet_rules *rules, uint16_t status, enum drop_reason reason)
{
	if (rules->message->method == SIP_METHOD_ACK)
		return rules_drop(rules, reason);
	return rules_reply(rules, status);
}
