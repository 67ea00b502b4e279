#include "terminal/ua/phone_requests.h"

#include "terminal/ua/answering.h"
#include "terminal/ua/call.h"
#include "terminal/ua/naming.h"
#include "terminal/ua/outside.h"

#define PHONE_ALLOW                                                                                \
	"Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE, OPTIONS, "  \
	"REGISTER\r\n"

static void respond(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status)
{
	struct answering answering = {.status = status, .lines = SLICE(PHONE_ALLOW)};

	ua_respond(ua, server, now_ms, &answering);
}

static void tell_registration(struct ua *ua, uint64_t now_ms, unsigned before,
			      const struct sip_message *request)
{
	unsigned after = phones_count(&ua->phones, now_ms);

	if (after != before)
		ua_tell(ua, after > before ? UA_EVENT_PHONE_HERE : UA_EVENT_PHONE_GONE, 0,
			sip_message_value(request, SIP_HEADER_USER_AGENT),
			sip_message_value(request, SIP_HEADER_CONTACT));
}

/* A REGISTER without Contact only asks (10.2.3). Passwords are not asked for: see the manual. */
static void on_register(struct ua *ua, uint64_t now_ms, const struct flow *flow,
			struct server *server, const struct sip_message *request)
{
	char lines[PHONES_MAX * (LIMIT_CONTACT_BYTES + 64)];
	struct writer w = writer_make(lines, sizeof(lines));
	struct answering answering = {.status = 200};
	unsigned before = phones_count(&ua->phones, now_ms);
	struct slice name;
	enum result result;

	if (!naming_from(ua, &request->to.uri, &name) || sip_uri_is_anonymous(&request->to.uri)) {
		ua_refuse(ua, server, now_ms, 403,
			  SLICE("only the name of this terminal registers here"));
		return;
	}
	result = phones_register(&ua->phones, now_ms, flow, request);
	if (result == RESULT_OK) {
		phones_write(&ua->phones, now_ms, &w);
		answering.lines = slice_make(w.at, w.is_full ? 0 : w.len);
		ua_respond(ua, server, now_ms, &answering);
	} else {
		ua_refuse(ua, server, now_ms, result == RESULT_BAD ? 400 : 503,
			  result == RESULT_BAD
				  ? SLICE("a Contact is none that could be reached")
				  : SLICE("there are as many clients as there may be"));
	}
	tell_registration(ua, now_ms, before, request);
}

static void on_cancel(struct ua *ua, uint64_t now_ms, struct server *server,
		      const struct sip_message *cancel)
{
	struct server *cancelled = servers_find_cancelled(&ua->inner.servers, cancel);

	respond(ua, server, now_ms, cancelled ? 200 : 481);
	if (cancelled)
		call_on_cancel(ua, now_ms, UA_OUTWARD, cancelled);
}

/* What begins something outside: INVITE, MESSAGE, OPTIONS. */
static void on_new(struct ua *ua, uint64_t now_ms, struct server *server,
		   const struct sip_message *request)
{
	char uri[LIMIT_CONTACT_BYTES + LIMIT_AOR_BYTES];
	struct writer w = writer_make(uri, sizeof(uri));
	struct slice from;

	if (!naming_from(ua, &request->from.uri, &from)) {
		ua_tell(ua, UA_EVENT_REFUSED, 403,
			SLICE("a local client used a name that is not ours"),
			request->from.uri.text);
		ua_refuse(ua, server, now_ms, 403, SLICE("From is not the name of this terminal"));
	} else if (!naming_to(ua, &request->uri, &w)) {
		ua_refuse(ua, server, now_ms, 404, SLICE("the Request-URI names nobody"));
	} else if (!ua->is_attached) {
		ua_refuse(ua, server, now_ms, 503,
			  SLICE("this terminal is not attached to its gateway"));
	} else if (request->method == SIP_METHOD_INVITE) {
		call_on_phone_invite(ua, now_ms, server, request, from, slice_make(w.at, w.len));
	} else {
		outside_carry_out(ua, now_ms, server, request, from, slice_make(w.at, w.len));
	}
}

static void dispatch(struct ua *ua, uint64_t now_ms, const struct flow *flow, struct server *server,
		     const struct sip_message *request)
{
	bool is_here = naming_is_here(&request->uri) && request->uri.user.len == 0;

	if (request->method == SIP_METHOD_CANCEL)
		on_cancel(ua, now_ms, server, request);
	else if (request->has_max_forwards && request->max_forwards == 0)
		respond(ua, server, now_ms, 483);
	else if (request->method == SIP_METHOD_REGISTER)
		on_register(ua, now_ms, flow, server, request);
	else if (request->to.tag.len)
		call_on_request(ua, now_ms, UA_OUTWARD, server, request, NULL);
	else if (request->method == SIP_METHOD_OPTIONS && is_here)
		respond(ua, server, now_ms, 200);
	else if (request->method == SIP_METHOD_INVITE || request->method == SIP_METHOD_MESSAGE ||
		 request->method == SIP_METHOD_OPTIONS)
		on_new(ua, now_ms, server, request);
	else
		respond(ua, server, now_ms, 405);
}

static void on_ack(struct ua *ua, uint64_t now_ms, const struct sip_message *ack)
{
	struct server *server = servers_find(&ua->inner.servers, ack);

	if (server && server->state == SERVER_COMPLETED)
		server_confirm(server, now_ms);
	else
		call_on_ack(ua, now_ms, UA_OUTWARD, ack);
}

/* Clients may be broken or hostile: more than LOCAL_RATE new requests a second get 503. */
static bool is_within_rate(struct ua *ua, uint64_t now_ms)
{
	uint64_t since_ms = now_ms - ua->local_rate_ms;

	if (since_ms >= 1000) {
		ua->local_rate_ms = now_ms;
		ua->local_requests = 0;
	}
	return ++ua->local_requests <= UA_LOCAL_RATE;
}

void ua_on_phone_request(struct ua *ua, uint64_t now_ms, const struct flow *flow,
			 const struct sip_message *request, enum sip_verdict verdict)
{
	struct answering unusable = {.status = sip_fault_status(request->fault)};
	struct server *server;

	if (verdict == SIP_VERDICT_OK && request->method == SIP_METHOD_ACK) {
		on_ack(ua, now_ms, request);
		return;
	}
	server = servers_find(&ua->inner.servers, request);
	if (server) {
		server_repeat(server, &ua->port);
		return;
	}
	if (servers_start(&ua->inner.servers, now_ms, flow, request, &server) != RESULT_OK)
		return;
	if (verdict == SIP_VERDICT_REFUSE)
		ua_respond(ua, server, now_ms, &unusable);
	else if (!is_within_rate(ua, now_ms))
		ua_refuse(ua, server, now_ms, 503, SLICE("too many requests"));
	else
		dispatch(ua, now_ms, flow, server, request);
}
