#include "terminal/ua/ua.h"

#include <stdlib.h>

#include "terminal/ua/call.h"
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

void ua_destroy(struct ua *ua)
{
	if (!ua)
		return;
	call_clear(ua);
	clients_end(&ua->clients);
	servers_end(&ua->servers);
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

void ua_tick(struct ua *ua, uint64_t now_ms)
{
	struct client *client;
	struct server *server;

	while ((client = clients_tick(&ua->clients, &ua->port, now_ms)))
		ua_on_silence(ua, now_ms, client);
	while ((server = servers_tick(&ua->servers, &ua->port, now_ms)))
		call_on_unacknowledged(ua, now_ms, server);
	call_tick(ua, now_ms);
}

unsigned ua_last_request(const struct ua *ua)
{
	return ua->clients.last_number;
}

uint64_t ua_deadline(const struct ua *ua)
{
	return timer_earlier(call_deadline(ua), timer_earlier(clients_deadline(&ua->clients),
							      servers_deadline(&ua->servers)));
}
