#include "terminal/ua/responses.h"

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"
#include "shared/sip/params.h"
#include "shared/sip/reply.h"
#include "terminal/ua/answering.h"
#include "terminal/ua/call.h"
#include "terminal/ua/carrying.h"
#include "terminal/ua/unwanted.h"

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

	if (judgement->is_refused && response->status < 300) {
		event.status = 0;
		event.reason = judgement->sentence;
	}
	ua->port.tell(ua->port.context, &event);
}

/* What a client asked for is answered, or the other side by a client. */
static void on_carried(struct ua *ua, uint64_t now_ms, const struct client *client,
		       const struct sip_message *response, const struct judgement *judgement)
{
	enum ua_way way = flow_is_local(&client->flow) ? UA_INWARD : UA_OUTWARD;
	struct server *server = carrying_server(ua, client);
	struct call *call = client->call ? &ua->calls[client->call - 1] : NULL;

	if (server && response->status > 100 &&
	    !carry_response(ua, now_ms, call, way, server, response, judgement,
			    slice_make(NULL, 0)))
		ua_refuse(ua, server, now_ms, 502, SLICE("the answer cannot be carried"));
}

static void dispatch(struct ua *ua, uint64_t now_ms, struct client *client,
		     const struct sip_message *response, const struct judgement *judgement)
{
	if (client->purpose == PURPOSE_INVITE) {
		call_on_response(ua, now_ms, client, response, judgement);
		return;
	}
	if (client->purpose == PURPOSE_CARRIED) {
		on_carried(ua, now_ms, client, response, judgement);
		return;
	}
	if (response->status < 200)
		return;
	switch (client->purpose) {
	case PURPOSE_BYE:
		call_on_bye_done(ua, client);
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

/* The transaction that a response belongs to, moved on by it; NULL if there is nothing more to do.
 */
static struct client *take(struct ua *ua, struct side *side, uint64_t now_ms,
			   const struct sip_message *response, struct sip_message *request)
{
	struct client *client = clients_find(&side->clients, response);
	enum ua_way way = side == &ua->outer ? UA_OUTWARD : UA_INWARD;
	bool is_ok_to_invite = response->method == SIP_METHOD_INVITE && response->status >= 200 &&
			       response->status < 300;

	if (!client) {
		if (is_ok_to_invite && call_on_repeated_ok(ua, way, response))
			return NULL;
		if (way == UA_OUTWARD)
			on_stray(ua, response);
		return NULL;
	}
	if (sip_message_parse(client->request.at, client->request.len, request) != SIP_VERDICT_OK ||
	    !is_echo(request, response)) {
		ua_tell(ua, UA_EVENT_WARNING, response->status,
			SLICE("a response that does not echo its request was dropped"),
			response->to.uri.text);
		return NULL;
	}
	if (client_receive(client, &ua->port, now_ms, response) == CLIENT_NEW)
		return client;
	if (is_ok_to_invite && !call_on_repeated_ok(ua, way, response))
		unwanted_end(ua, now_ms, &client->flow, response);
	return NULL;
}

void ua_on_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response)
{
	struct sip_message request;
	struct judgement judgement;
	struct client *client = take(ua, &ua->outer, now_ms, response, &request);

	if (!client)
		return;
	judge_response(ua, &request, response, &judgement);
	dispatch(ua, now_ms, client, response, &judgement);
}

void ua_on_phone_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response)
{
	struct sip_message request;
	struct client *client = take(ua, &ua->inner, now_ms, response, &request);

	if (client && client->purpose == PURPOSE_INVITE)
		call_on_phone_response(ua, now_ms, client, response);
	else if (client && client->purpose == PURPOSE_CARRIED)
		on_carried(ua, now_ms, client, response, NULL);
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

/* Who asked through us hears it; to the other side a 408 would come too late (RFC 4320). */
static void on_carried_silence(struct ua *ua, uint64_t now_ms, const struct client *client)
{
	struct server *server = carrying_server(ua, client);
	bool is_to_client = flow_is_local(&client->flow);

	/* A client that says nothing at all is gone; one that is slow will register again. */
	if (is_to_client && client->state == CLIENT_CALLING)
		phones_forget(&ua->phones, &client->flow);
	if (server)
		ua_refuse(ua, server, now_ms, is_to_client ? 480 : 408, SLICE("nobody answers"));
}

/* The call, the carried request or the user is told before the transaction ends. */
static void tell_silence(struct ua *ua, uint64_t now_ms, const struct client *client)
{
	switch (client->purpose) {
	case PURPOSE_CARRIED:
		on_carried_silence(ua, now_ms, client);
		break;
	case PURPOSE_REQUEST:
		tell_unanswered(ua, client);
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
	case PURPOSE_BYE:
		call_on_bye_done(ua, client);
		break;
	default:
		break;
	}
}

void ua_on_silence(struct ua *ua, uint64_t now_ms, struct client *client)
{
	if (client->purpose == PURPOSE_INVITE) {
		call_on_silence(ua, now_ms, client);
		return;
	}
	tell_silence(ua, now_ms, client);
	client_end(client);
}
