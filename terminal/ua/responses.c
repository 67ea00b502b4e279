#include "terminal/ua/responses.h"

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"
#include "shared/sip/params.h"
#include "shared/sip/reply.h"
#include "terminal/ua/call.h"

/* From, To (but for the tag), Call-ID and CSeq are those of the request (P14). */
static bool is_echo(const struct sip_message *request, const struct sip_message *response)
{
	return slice_is_equal(request->call_id, response->call_id) &&
	       request->cseq.number == response->cseq.number &&
	       slice_is_equal(request->from.tag, response->from.tag) &&
	       sip_uri_is_equal(&request->from.uri, &response->from.uri) &&
	       sip_uri_is_equal(&request->to.uri, &response->to.uri) &&
	       (request->to.tag.len == 0 || slice_is_equal(request->to.tag, response->to.tag));
}

struct judgement {
	struct sip_route_security series;
	struct slice sentence; /* empty: nothing is wrong */
	char buffer[UA_SENTENCE_CHARS];
};

static void judge(struct ua *ua, const struct sip_message *request,
		  const struct sip_message *response, struct judgement *out)
{
	struct writer w = writer_make(out->buffer, sizeof(out->buffer));
	struct sip_route_security sent;
	struct series_finding finding;
	struct ua_event event = {.kind = UA_EVENT_WARNING, .party = request->to.uri.text};

	out->sentence = slice_make(NULL, 0);
	sip_route_security_read(response, &out->series);
	if (request->method == SIP_METHOD_REGISTER)
		return;
	sip_route_security_read(request, &sent);
	finding = series_judge_response(&ua->policy, &ua->link, &sent, &out->series,
					response->status, request->method == SIP_METHOD_INVITE);
	if (finding.fault == SERIES_FAULT_NONE)
		return;
	series_finding_write(&finding, &out->series, &w);
	out->sentence = slice_make(w.at, w.len);
	event.reason = out->sentence;
	event.is_by_us = true;
	event.series = &out->series;
	ua->port.tell(ua->port.context, &event);
}

/* What the registrar granted: the Contact's expires, else Expires (10.2.4). */
static uint32_t granted_s(const struct sip_message *response)
{
	struct sip_entries entries = sip_entries_begin(response, SIP_HEADER_CONTACT);
	struct sip_entry entry;
	struct sip_name_addr contact;
	struct slice value = sip_message_value(response, SIP_HEADER_EXPIRES);
	uint32_t seconds = 0;

	if (sip_entries_next(&entries, &entry) &&
	    sip_name_addr_parse(entry.text, &contact) == RESULT_OK) {
		struct slice param;

		if (sip_name_addr_param(&contact, SLICE("expires"), &param) == RESULT_OK)
			value = param;
	}
	return sip_number_parse(value, UINT32_MAX, &seconds) ? seconds : 0;
}

static void on_registered(struct ua *ua, const struct sip_message *response, bool is_leaving)
{
	bool is_ok = response->status < 300;
	struct ua_event event = {
		.kind = !is_ok	     ? UA_EVENT_REGISTER_FAILED
			: is_leaving ? UA_EVENT_DEREGISTERED
				     : UA_EVENT_REGISTERED,
		.status = response->status,
		.reason = response->reason,
		.party = response->to.uri.text,
		.expires_s = is_leaving ? 0 : granted_s(response),
	};

	ua->port.tell(ua->port.context, &event);
}

static void on_answered(struct ua *ua, unsigned number, const struct sip_message *response,
			const struct judgement *judgement)
{
	struct ua_event event = {
		.kind = UA_EVENT_ANSWERED,
		.status = response->status,
		.reason = response->reason,
		.party = response->to.uri.text,
		.request = number,
		.is_by_us = true,
		.series = &judgement->series,
	};

	if (judgement->sentence.len && ua->is_refusing && response->status < 300) {
		event.status = 0;
		event.reason = judgement->sentence;
	}
	ua->port.tell(ua->port.context, &event);
}

static void dispatch(struct ua *ua, uint64_t now_ms, const struct client *client,
		     const struct sip_message *response, const struct judgement *judgement)
{
	struct slice refusal = ua->is_refusing ? judgement->sentence : slice_make(NULL, 0);

	if (client->purpose == PURPOSE_INVITE) {
		call_on_response(ua, now_ms, response, &judgement->series, refusal);
		return;
	}
	if (response->status < 200)
		return;
	switch (client->purpose) {
	case PURPOSE_BYE:
		call_on_bye_done(ua);
		break;
	case PURPOSE_REQUEST:
		on_answered(ua, client->number, response, judgement);
		break;
	case PURPOSE_REGISTER:
	case PURPOSE_DEREGISTER:
		on_registered(ua, response, client->purpose == PURPOSE_DEREGISTER);
		break;
	default:
		break; /* CANCEL: the INVITE's own response counts; keep-alive: it came, enough */
	}
}

static void on_stray(struct ua *ua, const struct sip_message *response)
{
	struct ua_event event = {
		.kind = UA_EVENT_STRAY,
		.status = response->status,
		.reason = response->reason,
		.party = response->to.uri.text,
		.text = slice_make(response->base, response->len),
	};

	ua->port.tell(ua->port.context, &event);
}

void ua_on_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response)
{
	struct client *client = clients_find(&ua->clients, response);
	bool is_ok_to_invite = response->method == SIP_METHOD_INVITE && response->status >= 200 &&
			       response->status < 300;
	struct sip_message request;
	struct judgement judgement;

	if (!client) {
		if (is_ok_to_invite)
			call_on_repeated_ok(ua, response);
		on_stray(ua, response);
		return;
	}
	if (sip_message_parse(client->request.at, client->request.len, &request) !=
		    SIP_VERDICT_OK ||
	    !is_echo(&request, response)) {
		ua_tell(ua, UA_EVENT_WARNING, response->status,
			SLICE("a response that does not echo its request was dropped"),
			response->to.uri.text);
		return;
	}
	if (client_receive(client, &ua->port, now_ms, response) == CLIENT_REPEATED) {
		if (is_ok_to_invite)
			call_on_repeated_ok(ua, response);
		return;
	}
	judge(ua, &request, response, &judgement);
	dispatch(ua, now_ms, client, response, &judgement);
}

/* A MESSAGE or OPTIONS found nobody: as if a 408 had come (8.1.3.1). */
static void tell_unanswered(struct ua *ua, const struct client *client)
{
	struct sip_message request;
	struct ua_event event = {
		.kind = UA_EVENT_ANSWERED,
		.status = 408,
		.reason = sip_reply_phrase(408),
		.request = client->number,
		.is_by_us = true,
	};

	if (sip_message_parse(client->request.at, client->request.len, &request) == SIP_VERDICT_OK)
		event.party = request.to.uri.text;
	ua->port.tell(ua->port.context, &event);
}

void ua_on_silence(struct ua *ua, uint64_t now_ms, struct client *client)
{
	unsigned purpose = client->purpose;

	if (purpose == PURPOSE_INVITE) {
		call_on_silence(ua, now_ms, client);
		return;
	}
	if (purpose == PURPOSE_REQUEST)
		tell_unanswered(ua, client);
	client_end(client);
	switch (purpose) {
	case PURPOSE_BYE:
		call_on_bye_done(ua);
		break;
	case PURPOSE_KEEP_ALIVE:
		ua_tell(ua, UA_EVENT_SILENCE, 0, SLICE("the gateway does not answer"),
			text_slice(&ua->domain));
		break;
	case PURPOSE_REGISTER:
	case PURPOSE_DEREGISTER:
		ua_tell(ua, UA_EVENT_REGISTER_FAILED, 0, SLICE("the gateway does not answer"),
			text_slice(&ua->domain));
		break;
	default:
		break;
	}
}
