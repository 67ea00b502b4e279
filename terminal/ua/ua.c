#include "terminal/ua/ua.h"

#include <stdlib.h>

#include "terminal/ua/call.h"
#include "terminal/ua/phone_requests.h"
#include "terminal/ua/requests.h"
#include "terminal/ua/responses.h"

struct slice ua_event_name(enum ua_event_kind kind)
{
	static const struct slice names[UA_EVENT_COUNT] = {
#define UA_EVENT_NAME(id, name) [UA_EVENT_##id] = {name, sizeof(name) - 1},
		UA_EVENTS(UA_EVENT_NAME)
#undef UA_EVENT_NAME
	};

	return names[kind];
}

void ua_tell(struct ua *ua, enum ua_event_kind kind, unsigned status, struct slice reason,
	     struct slice party)
{
	struct ua_event event = {.kind = kind, .status = status, .reason = reason, .party = party};

	ua->port.tell(ua->port.context, &event);
}

/* sip:user-a@abc.com and user-a, from user-a@abc.com. */
static enum result names_set(struct ua *ua, struct slice aor)
{
	char buffer[LIMIT_AOR_BYTES + 4];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct sip_uri parsed;
	struct slice uri;

	WRITER_LITERAL(&w, "sip:");
	writer_slice(&w, aor);
	if (writer_finish(&w, &uri) != RESULT_OK || sip_uri_parse(uri, &parsed) != RESULT_OK ||
	    parsed.user.len == 0 || parsed.params.len || parsed.headers.len)
		return RESULT_BAD;
	if (text_set(&ua->uri, uri) != RESULT_OK || text_set(&ua->user, parsed.user) != RESULT_OK)
		return RESULT_MEMORY;
	return RESULT_OK;
}

enum result ua_create(const struct ua_settings *settings, const struct ua_port *port,
		      struct ua **out)
{
	struct ua *ua = calloc(1, sizeof(*ua));
	enum result result;

	if (!ua)
		return RESULT_MEMORY;
	ua->port = *port;
	ua->policy = settings->policy;
	ua->is_refusing = settings->is_refusing;
	ua->is_auto_answering = settings->is_auto_answering;
	ua->longest_call_ms = settings->longest_call_ms;
	result = names_set(ua, settings->aor);
	if (result == RESULT_OK)
		result = text_set(&ua->domain, settings->domain);
	if (result == RESULT_OK)
		result = text_set(&ua->instance, settings->instance);
	if (result != RESULT_OK) {
		ua_destroy(ua);
		return result;
	}
	*out = ua;
	return RESULT_OK;
}

static void side_end(struct side *side)
{
	clients_end(&side->clients);
	servers_end(&side->servers);
}

void ua_destroy(struct ua *ua)
{
	if (!ua)
		return;
	for (unsigned i = 0; i < UA_CALLS; i++)
		call_clear(ua, &ua->calls[i]);
	side_end(&ua->outer);
	side_end(&ua->inner);
	phones_end(&ua->phones);
	text_clear(&ua->uri);
	text_clear(&ua->user);
	text_clear(&ua->domain);
	text_clear(&ua->instance);
	free(ua);
}

void ua_link_set(struct ua *ua, const struct series_link *link)
{
	ua->link = *link;
}

void ua_session_set(struct ua *ua, const struct ua_session *session)
{
	ua->session = session;
}

void ua_media_set(struct ua *ua, const struct ua_media *media)
{
	ua->media = media;
}

void ua_local_set(struct ua *ua, const struct sip_address *ipv4, const struct sip_address *ipv6)
{
	ua->local_ipv4 = *ipv4;
	ua->local_ipv6 = *ipv6;
}

void ua_attached_set(struct ua *ua, bool is_attached)
{
	ua->is_attached = is_attached;
	/* Perhaps from another address than before. */
	for (unsigned i = 0; is_attached && i < UA_CALLS; i++)
		ua->calls[i].is_reoffer_due = ua->calls[i].state == UA_CALL_ESTABLISHED;
}

void ua_receive(struct ua *ua, uint64_t now_ms, struct slice bytes)
{
	struct sip_message message;
	enum sip_verdict verdict = sip_message_parse(bytes.at, bytes.len, &message);

	if (verdict == SIP_VERDICT_DROP)
		return;
	if (message.is_request)
		ua_on_request(ua, now_ms, &message, verdict);
	else
		ua_on_response(ua, now_ms, &message);
}

void ua_receive_local(struct ua *ua, uint64_t now_ms, const struct flow *flow, struct slice bytes)
{
	struct sip_message message;
	enum sip_verdict verdict = sip_message_parse(bytes.at, bytes.len, &message);

	if (verdict == SIP_VERDICT_DROP)
		return;
	if (message.is_request)
		ua_on_phone_request(ua, now_ms, flow, &message, verdict);
	else
		ua_on_phone_response(ua, now_ms, &message);
}

void ua_lost(struct ua *ua, uint64_t now_ms, const struct flow *flow)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		struct client *client = &ua->inner.clients.at[i];

		if (client->state == CLIENT_CALLING && client->flow.kind == flow->kind &&
		    client->flow.peer.port == flow->peer.port &&
		    sip_address_is_same_host(&client->flow.peer, &flow->peer))
			client->end_ms = now_ms;
	}
}

static void side_tick(struct ua *ua, uint64_t now_ms, struct side *side, enum ua_way way)
{
	struct client *client;
	struct server *server;

	while ((client = clients_tick(&side->clients, &ua->port, now_ms)))
		ua_on_silence(ua, now_ms, client);
	while ((server = servers_tick(&side->servers, &ua->port, now_ms)))
		call_on_unacknowledged(ua, now_ms, way, server);
}

void ua_tick(struct ua *ua, uint64_t now_ms)
{
	side_tick(ua, now_ms, &ua->outer, UA_INWARD);
	side_tick(ua, now_ms, &ua->inner, UA_OUTWARD);
	call_tick(ua, now_ms);
}

static uint64_t side_deadline(const struct side *side)
{
	return timer_earlier(clients_deadline(&side->clients), servers_deadline(&side->servers));
}

uint64_t ua_deadline(const struct ua *ua)
{
	return timer_earlier(call_deadline(ua),
			     timer_earlier(side_deadline(&ua->outer), side_deadline(&ua->inner)));
}

unsigned ua_last_request(const struct ua *ua)
{
	return ua->outer.clients.last_number;
}

unsigned ua_last_call(const struct ua *ua)
{
	return ua->last_call;
}

unsigned ua_phone_count(const struct ua *ua, uint64_t now_ms)
{
	return phones_count(&ua->phones, now_ms);
}

static bool is_answerable(const struct call *call)
{
	return call->state == UA_CALL_RINGING_HERE && call->user == CALL_CONSOLE;
}

static bool is_endable(const struct call *call)
{
	return call->state != UA_CALL_NONE && call->state != UA_CALL_ENDING;
}

enum result ua_pick(const struct ua *ua, bool is_to_answer, unsigned *number)
{
	unsigned found = 0;

	for (unsigned i = 0; i < UA_CALLS; i++) {
		const struct call *call = &ua->calls[i];

		if (!(is_to_answer ? is_answerable(call) : is_endable(call)))
			continue;
		if (found)
			return RESULT_EXISTS;
		found = i + 1;
	}
	if (found == 0)
		return RESULT_NOT_FOUND;
	*number = found;
	return RESULT_OK;
}

enum result ua_answer(struct ua *ua, uint64_t now_ms, unsigned number)
{
	if (number == 0 || number > UA_CALLS || !is_answerable(&ua->calls[number - 1]))
		return RESULT_NOT_FOUND;
	call_answer(ua, now_ms, &ua->calls[number - 1]);
	return RESULT_OK;
}

enum result ua_hangup(struct ua *ua, uint64_t now_ms, unsigned number)
{
	if (number == 0 || number > UA_CALLS || !is_endable(&ua->calls[number - 1]))
		return RESULT_NOT_FOUND;
	call_hangup(ua, now_ms, &ua->calls[number - 1]);
	return RESULT_OK;
}

void ua_media_moved(struct ua *ua, unsigned number)
{
	if (number > 0 && number <= UA_CALLS)
		ua->calls[number - 1].is_reoffer_due =
			ua->calls[number - 1].state == UA_CALL_ESTABLISHED;
}

bool ua_call_view(const struct ua *ua, unsigned number, struct ua_call_view *out)
{
	const struct call *call;

	if (number == 0 || number > UA_CALLS)
		return false;
	call = &ua->calls[number - 1];
	*out = (struct ua_call_view){
		.state = call->state,
		.party = text_slice(&call->party),
		.path = text_slice(&call->path),
		.is_ours = call->is_caller,
		.is_of_phone = call->user == CALL_PHONE,
	};
	return call->state != UA_CALL_NONE;
}
