#include "terminal/ua/requests.h"

#include "terminal/ua/answering.h"
#include "terminal/ua/call.h"

/* What may be done with a request, and the sentence that says why not. */
struct judgement {
	struct sip_route_security series;
	bool is_refused;
	struct slice sentence; /* empty: nothing is wrong */
	char buffer[UA_SENTENCE_CHARS];
};

static void judge(struct ua *ua, const struct sip_message *request, struct judgement *out)
{
	struct writer w = writer_make(out->buffer, sizeof(out->buffer));
	struct series_finding finding;
	struct ua_event event = {.kind = UA_EVENT_WARNING, .party = request->from.uri.text};

	sip_route_security_read(request, &out->series);
	finding = series_judge_request(&ua->policy, &ua->link, &out->series);
	out->is_refused = false;
	out->sentence = slice_make(NULL, 0);
	if (finding.fault == SERIES_FAULT_NONE)
		return;
	series_finding_write(&finding, &out->series, &w);
	out->sentence = slice_make(w.at, w.len);
	out->is_refused = ua->is_refusing;
	event.kind = ua->is_refusing ? UA_EVENT_REFUSED : UA_EVENT_WARNING;
	event.status = ua->is_refusing ? 488 : 0;
	event.reason = out->sentence;
	event.series = &out->series;
	ua->port.tell(ua->port.context, &event);
}

static void on_ack(struct ua *ua, uint64_t now_ms, const struct sip_message *ack)
{
	struct server *server = servers_find(&ua->servers, ack);
	struct judgement judgement;

	judge(ua, ack, &judgement);
	if (judgement.is_refused)
		return;
	if (server && server->state == SERVER_COMPLETED)
		server_confirm(server, now_ms);
	else
		call_on_ack(ua, now_ms, ack);
}

static void on_cancel(struct ua *ua, uint64_t now_ms, struct server *server,
		      const struct sip_message *cancel)
{
	struct server *cancelled = servers_find_cancelled(&ua->servers, cancel);
	struct answering answering = {.status = cancelled ? 200 : 481};

	/* One To tag for the INVITE and its CANCEL (9.2). */
	if (cancelled && cancelled == ua->call.invited)
		answering.to_tag = text_slice(&ua->call.tag);
	ua_respond(ua, server, now_ms, &answering);
	if (cancelled)
		call_on_cancel(ua, now_ms, cancelled);
}

static void on_message(struct ua *ua, uint64_t now_ms, struct server *server,
		       const struct sip_message *message, const struct sip_route_security *series)
{
	struct slice type = sip_message_value(message, SIP_HEADER_CONTENT_TYPE);
	struct answering answering = {.status = 200};
	struct ua_event event = {
		.kind = UA_EVENT_MESSAGE,
		.party = message->from.uri.text,
		.text = sip_message_body(message),
		.series = series,
	};

	if (type.len < 10 || !slice_is_equal_nocase(slice_make(type.at, 10), SLICE("text/plain"))) {
		answering.status = 415;
		answering.lines = SLICE("Accept: text/plain\r\n");
	}
	ua_respond(ua, server, now_ms, &answering);
	if (answering.status == 200)
		ua->port.tell(ua->port.context, &event);
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

/* What a request is answered with before its method counts; 0 if nothing. */
static unsigned fault_status(const struct ua *ua, const struct sip_message *request)
{
	if (!is_for_us(ua, request))
		return 404;
	if (sip_message_has(request, SIP_HEADER_REQUIRE) && request->method != SIP_METHOD_CANCEL)
		return 420;
	switch (request->method) {
	case SIP_METHOD_INVITE:
	case SIP_METHOD_BYE:
	case SIP_METHOD_CANCEL:
	case SIP_METHOD_MESSAGE:
	case SIP_METHOD_OPTIONS:
		return 0;
	default:
		return 405;
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
		     const struct sip_message *request, const struct sip_route_security *series)
{
	struct answering options = {.status = 200, .lines = ua_allow_line()};

	switch (request->method) {
	case SIP_METHOD_CANCEL:
		on_cancel(ua, now_ms, server, request);
		break;
	case SIP_METHOD_MESSAGE:
		on_message(ua, now_ms, server, request, series);
		break;
	case SIP_METHOD_OPTIONS:
		ua_respond(ua, server, now_ms, &options);
		break;
	case SIP_METHOD_INVITE:
		if (request->to.tag.len == 0) {
			call_on_invite(ua, now_ms, server, request, series);
			break;
		}
		/* fall through */
	default:
		call_on_request(ua, now_ms, server, request);
	}
}

void ua_on_request(struct ua *ua, uint64_t now_ms, const struct sip_message *request,
		   enum sip_verdict verdict)
{
	struct answering unusable = {.status = sip_fault_status(request->fault)};
	struct judgement judgement;
	struct server *server;
	unsigned status;

	if (verdict == SIP_VERDICT_OK && request->method == SIP_METHOD_ACK) {
		on_ack(ua, now_ms, request);
		return;
	}
	server = servers_find(&ua->servers, request);
	if (server) {
		server_repeat(server, &ua->port);
		return;
	}
	if (servers_start(&ua->servers, now_ms, request, &server) != RESULT_OK)
		return;
	if (verdict == SIP_VERDICT_REFUSE) {
		ua_respond(ua, server, now_ms, &unusable);
		return;
	}
	judge(ua, request, &judgement);
	status = fault_status(ua, request);
	if (judgement.is_refused)
		ua_refuse(ua, server, now_ms, judgement.sentence);
	else if (status)
		refuse_fault(ua, now_ms, server, request, status);
	else
		dispatch(ua, now_ms, server, request, &judgement.series);
}
