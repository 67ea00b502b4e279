/* Calls of others: a client or the console rings, answers, refuses; CANCEL. */
#include "shared/sip/reply.h"
#include "terminal/ua/answering.h"
#include "terminal/ua/cancelling.h"
#include "terminal/ua/exchange.h"
#include "terminal/ua/forks.h"
#include "terminal/ua/negotiating.h"
#include "terminal/ua/sdp.h"
#include "terminal/ua/unwanted.h"

static void respond(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status,
		    struct slice to_tag)
{
	struct answering answering = {.status = status, .to_tag = to_tag};

	ua_respond(ua, server, now_ms, &answering);
}

/* 180, or 200 with our session. */
static void respond_forming(struct ua *ua, struct call *call, uint64_t now_ms, unsigned status)
{
	struct server *server = exchange_server(ua, call, UA_INWARD);
	char sdp[SDP_BYTES];
	struct writer body = writer_make(sdp, sizeof(sdp));
	struct answering answering = {
		.status = status,
		.to_tag = text_slice(&call->tag),
		.is_forming_dialog = true,
	};

	if (!server)
		return;
	if (status >= 200) {
		sdp_write(&ua->link.host, negotiating_lines(ua, call), &body);
		answering.lines = ua_allow_line();
		answering.content_type = SDP_CONTENT_TYPE;
		answering.body = slice_make(body.at, body.len);
	}
	ua_respond(ua, server, now_ms, &answering);
}

void call_answer(struct ua *ua, uint64_t now_ms, struct call *call)
{
	call->state = UA_CALL_ACCEPTED;
	respond_forming(ua, call, now_ms, 200);
}

void call_refuse(struct ua *ua, uint64_t now_ms, struct call *call, unsigned status, bool is_by_us)
{
	struct server *server = exchange_server(ua, call, UA_INWARD);

	if (server)
		respond(ua, server, now_ms, status,
			call->tag.len ? text_slice(&call->tag)
				      : text_slice(&call->outer.local_tag));
	call_release_phone(ua, now_ms, call, status, sip_reply_phrase(status), slice_make(NULL, 0));
	call_end(ua, call, is_by_us);
}

/* The INVITE goes on to the client that is to ring. */
static enum result ring_phone(struct ua *ua, uint64_t now_ms, struct call *call,
			      const struct phone *phone, const struct sip_message *invite,
			      const struct judgement *judgement)
{
	struct sending sending;
	struct carried carried;
	struct body body;
	enum result result;

	call->phone = phone->flow;
	sending_begin(ua, &call->phone, &sending, SLICE("INVITE"));
	sending.request.uri = text_slice(&phone->contact);
	sending.request.from = invite->from.uri.text;
	sending.request.from_tag = invite->from.tag;
	sending.request.to = text_slice(&ua->uri);
	sending.request.call_id = invite->call_id;
	sending.request.cseq = invite->cseq.number;
	sending_add_contact(ua, &sending, text_slice(&call->party));
	result = exchange_fill(ua, call, UA_INWARD, invite, judgement, slice_make(NULL, 0),
			       &sending, &carried, &body);
	if (result != RESULT_OK)
		return result;
	sending_write_record_route(ua, &call->phone, &carried.lines);
	sending.request.extra_lines = slice_make(carried.lines.at, carried.lines.len);
	return carried.lines.is_full ? RESULT_SPACE
				     : exchange_send(ua, now_ms, call, UA_INWARD, &sending);
}

/* The call as the INVITE makes it; false if it makes none. The console's tag is ready at once. */
static bool take(struct call *call, const struct phone *phone, const struct server *server,
		 const struct sip_message *invite)
{
	char tag[UA_TOKEN_CHARS];

	call->state = UA_CALL_RINGING_HERE;
	call->user = phone ? CALL_PHONE : CALL_CONSOLE;
	call->is_delayed = sip_message_body(invite).len == 0;
	exchange_begin(call, UA_INWARD, server, invite->cseq.number);
	return (phone || text_set(&call->tag, ua_token(tag)) == RESULT_OK) &&
	       text_set(&call->party, invite->from.uri.text) == RESULT_OK &&
	       dialog_from_request(&call->outer, invite, text_slice(&call->tag)) == RESULT_OK;
}

void call_on_invite(struct ua *ua, uint64_t now_ms, struct server *server,
		    const struct sip_message *invite, const struct judgement *judgement)
{
	char sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));
	const struct phone *phone = phones_pick(&ua->phones, now_ms);
	struct call *call = calls_new(ua);

	if (!call) {
		respond(ua, server, now_ms, 486, slice_make(NULL, 0));
		return;
	}
	if (!take(call, phone, server, invite)) {
		respond(ua, server, now_ms, 400, slice_make(NULL, 0));
		call_clear(ua, call);
		return;
	}
	if (!call->is_delayed && !negotiating_offered(ua, call, sdp_body(invite), &refusal)) {
		ua_refuse(ua, server, now_ms, 488, slice_make(refusal.at, refusal.len));
		call_clear(ua, call);
		return;
	}
	call->ring_end_ms = now_ms + TIMER_RING_MS;
	call_keep_path(ua, call, judgement, false);
	if (phone && ring_phone(ua, now_ms, call, phone, invite, judgement) != RESULT_OK) {
		ua_refuse(ua, server, now_ms, 488,
			  SLICE("the call cannot be carried to the phone"));
		call_clear(ua, call);
		return;
	}
	if (!phone)
		respond_forming(ua, call, now_ms, 180);
	call_tell(ua, call, UA_EVENT_INCOMING, NULL, judgement);
	if (!phone && ua->is_auto_answering)
		call_answer(ua, now_ms, call);
}

void call_on_cancel(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *cancelled)
{
	struct call *call = calls_find_server(ua, way, cancelled);

	/* Once answered for good, a CANCEL changes nothing (9.2). */
	if (call && way == UA_INWARD && call->state == UA_CALL_RINGING_HERE)
		call_refuse(ua, now_ms, call, 487, false);
	else if (call && way == UA_OUTWARD &&
		 (call->state == UA_CALL_INVITING || call->state == UA_CALL_RINGING_THERE))
		call_hangup(ua, now_ms, call);
}

/* The client's tag is the same on both legs; with a 2xx the dialog with it is whole. */
static bool learn(struct call *call, const struct sip_message *response)
{
	enum result result = dialog_from_response(&call->inner, response);

	/* It comes to us without any route. */
	text_clear(&call->inner.route_lines);
	return result != RESULT_MEMORY && (result == RESULT_OK || response->status < 200) &&
	       text_set(&call->outer.local_tag, response->to.tag) == RESULT_OK;
}

static void on_first_response(struct ua *ua, uint64_t now_ms, struct call *call,
			      const struct sip_message *response)
{
	struct server *server = exchange_server(ua, call, UA_INWARD);
	struct slice lines = slice_make(NULL, 0);
	bool is_final = response->status >= 200;

	if (response->status == 100 || !server)
		return;
	if (response->status < 300 && (response->to.tag.len || is_final) &&
	    (!forks_enter(ua, call, UA_INWARD, response->to.tag) || !learn(call, response))) {
		call_refuse(ua, now_ms, call, 502, true);
		return;
	}
	if (is_final)
		forks_forget(call);
	if (response->status < 300 && sdp_body(response).len)
		lines = negotiating_lines(ua, call);
	if (!carry_response(ua, now_ms, call, UA_INWARD, server, response, NULL, lines)) {
		call_refuse(ua, now_ms, call, 488, true);
		return;
	}
	if (response->status >= 300)
		call_end(ua, call, true);
	else if (is_final)
		call->state = UA_CALL_ACCEPTED;
}

void call_on_phone_response(struct ua *ua, uint64_t now_ms, struct client *client,
			    const struct sip_message *response)
{
	struct call *call = call_of_client(ua, client);

	if (response->status < 200)
		ua_cancel_due(ua, now_ms, client);
	if (call && client->number != call->exchanges[UA_INWARD].client)
		return;
	if (call && call->state == UA_CALL_RINGING_HERE)
		on_first_response(ua, now_ms, call, response);
	else if (call)
		exchange_on_later_response(ua, now_ms, call, UA_INWARD, response, NULL);
	else if (response->status >= 200 && response->status < 300)
		unwanted_end(ua, now_ms, &client->flow, response);
}
