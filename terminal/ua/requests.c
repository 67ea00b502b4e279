#include "terminal/ua/requests.h"

#include "terminal/ua/answering.h"
#include "terminal/ua/call.h"
#include "terminal/ua/outside.h"

static void on_ack(struct ua *ua, uint64_t now_ms, const struct sip_message *ack)
{
	struct server *server = servers_find(&ua->outer.servers, ack);
	struct judgement judgement;

	judge_request(ua, ack, &judgement);
	if (judgement.is_refused)
		return;
	if (server && server->state == SERVER_COMPLETED)
		server_confirm(server, now_ms);
	else
		call_on_ack(ua, now_ms, UA_INWARD, ack);
}

static void on_cancel(struct ua *ua, uint64_t now_ms, struct server *server,
		      const struct sip_message *cancel)
{
	struct server *cancelled = servers_find_cancelled(&ua->outer.servers, cancel);
	struct call *call = cancelled ? calls_find_server(ua, UA_INWARD, cancelled) : NULL;
	struct answering answering = {.status = cancelled ? 200 : 481};

	/* One To tag for the INVITE and its CANCEL (9.2). */
	if (call)
		answering.to_tag = text_slice(&call->outer.local_tag);
	ua_respond(ua, server, now_ms, &answering);
	if (cancelled)
		call_on_cancel(ua, now_ms, UA_INWARD, cancelled);
}

static bool is_plain_text(const struct sip_message *message)
{
	struct slice type = sip_message_value(message, SIP_HEADER_CONTENT_TYPE);

	return type.len >= 10 &&
	       slice_is_equal_nocase(slice_make(type.at, 10), SLICE("text/plain"));
}

/* A client takes it if there is one, and says what becomes of it; told it is in any case. */
static void on_message(struct ua *ua, uint64_t now_ms, struct server *server,
		       const struct sip_message *message, const struct judgement *judgement,
		       const struct phone *phone)
{
	struct answering answering = {.status = 200};
	struct ua_event event = {
		.kind = UA_EVENT_MESSAGE,
		.party = message->from.uri.text,
		.text = sip_message_body(message),
		.series = &judgement->series,
	};

	if (phone) {
		outside_carry_in(ua, now_ms, server, message, phone, judgement);
	} else if (is_plain_text(message)) {
		ua_respond(ua, server, now_ms, &answering);
	} else {
		answering.status = 415;
		answering.lines = SLICE("Accept: text/plain\r\n");
		ua_respond(ua, server, now_ms, &answering);
	}
	if (is_plain_text(message))
		ua->port.tell(ua->port.context, &event);
}

static void on_options(struct ua *ua, uint64_t now_ms, struct server *server,
		       const struct sip_message *request, const struct judgement *judgement,
		       const struct phone *phone)
{
	struct answering answering = {.status = 200, .lines = ua_allow_line()};

	if (phone)
		outside_carry_in(ua, now_ms, server, request, phone, judgement);
	else
		ua_respond(ua, server, now_ms, &answering);
}

/* Is the Request-URI one of ours: our Contact, or our name? */
static bool is_for_us(const struct ua *ua, const struct sip_message *request)
{
	struct sip_address host;

	if (request->uri.scheme != SIP_SCHEME_SIP && request->uri.scheme != SIP_SCHEME_SIPS)
		return true; /* tel and urn: the gateway knows that they are ours */
	if (slice_is_equal_nocase(request->uri.host, text_slice(&ua->domain)))
		return true;
	return sip_address_parse(request->uri.host, &host) == RESULT_OK &&
	       sip_address_is_same_host(&host, &ua->link.own);
}

/*
 * Is it known by more than where it goes: by its dialog, or by the INVITE that it takes back? The
 * Request-URI of these is the Contact that we had when the call began, wherever we are now.
 */
static bool is_of_call(struct ua *ua, const struct sip_message *request)
{
	return request->method == SIP_METHOD_CANCEL ||
	       (request->to.tag.len && calls_find(ua, UA_INWARD, request));
}

/* What a request is answered with before its method counts; 0 if nothing. */
static unsigned fault_status(struct ua *ua, const struct sip_message *request, bool is_for_phone)
{
	if (!is_of_call(ua, request) && !is_for_us(ua, request))
		return 404;
	/* What a client supports it says itself. */
	if (!is_for_phone && sip_message_has(request, SIP_HEADER_REQUIRE) &&
	    request->method != SIP_METHOD_CANCEL)
		return 420;
	switch (request->method) {
	case SIP_METHOD_INVITE:
	case SIP_METHOD_BYE:
	case SIP_METHOD_CANCEL:
	case SIP_METHOD_MESSAGE:
	case SIP_METHOD_OPTIONS:
		return 0;
	default:
		return request->to.tag.len ? 0 : 405;
	}
}

static void refuse_fault(struct ua *ua, uint64_t now_ms, struct server *server,
			 const struct sip_message *request, unsigned status)
{
	char line[1024];
	struct writer w = writer_make(line, sizeof(line));
	struct answering answering = {.status = status};

	if (status == 405)
		answering.lines = ua_allow_line();
	if (status == 420) {
		WRITER_LITERAL(&w, "Unsupported: ");
		writer_slice(&w, sip_message_value(request, SIP_HEADER_REQUIRE));
		WRITER_LITERAL(&w, "\r\n");
		if (!w.is_full)
			answering.lines = slice_make(w.at, w.len);
	}
	ua_respond(ua, server, now_ms, &answering);
}

static void dispatch(struct ua *ua, uint64_t now_ms, struct server *server,
		     const struct sip_message *request, const struct judgement *judgement,
		     const struct phone *phone)
{
	bool is_within = request->to.tag.len != 0;

	if (request->method == SIP_METHOD_CANCEL)
		on_cancel(ua, now_ms, server, request);
	else if (is_within && calls_find(ua, UA_INWARD, request))
		call_on_request(ua, now_ms, UA_INWARD, server, request, judgement);
	else if (request->method == SIP_METHOD_MESSAGE)
		on_message(ua, now_ms, server, request, judgement, phone);
	else if (request->method == SIP_METHOD_OPTIONS)
		on_options(ua, now_ms, server, request, judgement, phone);
	else if (request->method == SIP_METHOD_INVITE && !is_within)
		call_on_invite(ua, now_ms, server, request, judgement);
	else
		call_on_request(ua, now_ms, UA_INWARD, server, request, judgement);
}

/* Will a client have it: one that is registered, or one that has the call? */
static bool is_for_phone(struct ua *ua, uint64_t now_ms, const struct sip_message *request)
{
	const struct call *call = request->to.tag.len ? calls_find(ua, UA_INWARD, request) : NULL;

	return call ? call->user == CALL_PHONE : phones_pick(&ua->phones, now_ms) != NULL;
}

static void judge_and_dispatch(struct ua *ua, uint64_t now_ms, struct server *server,
			       const struct sip_message *request)
{
	struct judgement judgement;
	unsigned status;

	judge_request(ua, request, &judgement);
	status = fault_status(ua, request, is_for_phone(ua, now_ms, request));
	if (judgement.is_refused)
		ua_refuse(ua, server, now_ms, 488, judgement.sentence);
	else if (status)
		refuse_fault(ua, now_ms, server, request, status);
	else
		dispatch(ua, now_ms, server, request, &judgement, phones_pick(&ua->phones, now_ms));
}

void ua_on_request(struct ua *ua, uint64_t now_ms, const struct sip_message *request,
		   enum sip_verdict verdict)
{
	struct answering unusable = {.status = sip_fault_status(request->fault)};
	struct flow channel = {0};
	struct server *server;

	if (verdict == SIP_VERDICT_OK && request->method == SIP_METHOD_ACK) {
		on_ack(ua, now_ms, request);
		return;
	}
	server = servers_find(&ua->outer.servers, request);
	if (server) {
		server_repeat(server, &ua->port);
		return;
	}
	if (servers_start(&ua->outer.servers, now_ms, &channel, request, &server) != RESULT_OK)
		return;
	if (verdict == SIP_VERDICT_REFUSE)
		ua_respond(ua, server, now_ms, &unusable);
	else
		judge_and_dispatch(ua, now_ms, server, request);
}
