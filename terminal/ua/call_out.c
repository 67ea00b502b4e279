/* Calls of ours: the INVITE of the console or of a client, what answers it, ACK. */
#include "terminal/ua/answering.h"
#include "terminal/ua/cancelling.h"
#include "terminal/ua/exchange.h"
#include "terminal/ua/forks.h"
#include "terminal/ua/negotiating.h"
#include "terminal/ua/sdp.h"
#include "terminal/ua/unwanted.h"

static void begin(struct call *call, enum call_user user, const struct server *server,
		  uint32_t cseq)
{
	call->state = UA_CALL_INVITING;
	call->user = user;
	call->is_caller = true;
	exchange_begin(call, UA_OUTWARD, server, cseq);
}

enum result ua_call(struct ua *ua, uint64_t now_ms, struct slice to,
		    const struct ua_forgery *forgery)
{
	char sdp[SDP_BYTES];
	struct writer body = writer_make(sdp, sizeof(sdp));
	struct flow channel = {0};
	struct call *call = calls_new(ua);
	struct sending sending;
	enum result result;

	if (!call)
		return RESULT_EXISTS;
	sending_begin(ua, &channel, &sending, SLICE("INVITE"));
	result = sending_address(&sending, to);
	if (result == RESULT_OK)
		result = text_set(&call->party, sending.request.to);
	if (result != RESULT_OK)
		return result;
	begin(call, CALL_CONSOLE, NULL, sending.request.cseq);
	sending_add_contact(ua, &sending, text_slice(&call->party));
	sending_forge(&sending, forgery);
	sdp_write(&ua->link.host, negotiating_lines(ua, call), &body);
	sending.request.extra_lines = ua_allow_line();
	sending.request.content_type = SDP_CONTENT_TYPE;
	sending.request.body = slice_make(body.at, body.len);
	result = exchange_send(ua, now_ms, call, UA_OUTWARD, &sending);
	if (result != RESULT_OK)
		call_clear(ua, call);
	else
		ua->last_call = call_index(ua, call) + 1;
	return result;
}

/* The INVITE of a client's leaves as ours. */
static enum result carry_first(struct ua *ua, uint64_t now_ms, struct call *call,
			       const struct sip_message *invite, struct slice from)
{
	struct flow channel = {0};
	struct slice lines = slice_make(NULL, 0);
	struct sending sending;
	struct carried carried;
	struct body body;
	enum result result;

	if (sdp_body(invite).len)
		lines = negotiating_lines(ua, call);
	sending_begin(ua, &channel, &sending, SLICE("INVITE"));
	sending.request.uri = sending.request.to = text_slice(&call->party);
	sending.request.from = from;
	sending.request.from_tag = invite->from.tag;
	sending.request.call_id = invite->call_id;
	sending.request.cseq = invite->cseq.number;
	sending_add_contact(ua, &sending, text_slice(&call->party));
	result =
		exchange_fill(ua, call, UA_OUTWARD, invite, NULL, lines, &sending, &carried, &body);
	if (result != RESULT_OK)
		return result;
	if (!slice_is_equal(from, text_slice(&ua->uri))) {
		/* Who stays anonymous says to his gateway who he is (RFC 3325). */
		WRITER_LITERAL(&carried.lines, "P-Preferred-Identity: <");
		writer_slice(&carried.lines, text_slice(&ua->uri));
		WRITER_LITERAL(&carried.lines, ">\r\n");
		sending.request.extra_lines = slice_make(carried.lines.at, carried.lines.len);
	}
	return carried.lines.is_full ? RESULT_SPACE
				     : exchange_send(ua, now_ms, call, UA_OUTWARD, &sending);
}

/* What the agent knows of a client that calls; false if it has no Contact or memory is short. */
static bool take_phone(struct call *call, const struct server *server,
		       const struct sip_message *invite)
{
	struct sip_uri contact;

	if (dialog_from_request(&call->inner, invite, slice_make(NULL, 0)) != RESULT_OK ||
	    sip_uri_parse(text_slice(&call->inner.target), &contact) != RESULT_OK)
		return false;
	text_clear(&call->inner.route_lines);
	call->phone = phones_flow(&contact, &server->flow);
	return true;
}

void call_on_phone_invite(struct ua *ua, uint64_t now_ms, struct server *server,
			  const struct sip_message *invite, struct slice from, struct slice to)
{
	struct call *call = calls_new(ua);
	struct answering trying = {.status = 100};

	if (!call) {
		ua_refuse(ua, server, now_ms, 503,
			  SLICE("there are as many calls as there may be"));
		return;
	}
	begin(call, CALL_PHONE, server, invite->cseq.number);
	call->is_delayed = sip_message_body(invite).len == 0;
	if (!take_phone(call, server, invite) || text_set(&call->party, to) != RESULT_OK) {
		ua_refuse(ua, server, now_ms, 400, SLICE("the INVITE has no usable Contact"));
		call_clear(ua, call);
		return;
	}
	ua_respond(ua, server, now_ms, &trying);
	if (carry_first(ua, now_ms, call, invite, from) != RESULT_OK) {
		ua_refuse(ua, server, now_ms, 488,
			  SLICE("the INVITE or its description cannot be carried"));
		call_clear(ua, call);
		return;
	}
	call_tell(ua, call, UA_EVENT_CALLING, NULL, NULL);
}

/* What a client is told under: the other side's tag is the same on both legs. */
static bool learn(struct call *call, const struct sip_message *response)
{
	enum result result = dialog_from_response(&call->outer, response);

	if (result == RESULT_MEMORY ||
	    text_set(&call->inner.local_tag, response->to.tag) != RESULT_OK)
		return false;
	return result == RESULT_OK;
}

static void on_provisional(struct ua *ua, uint64_t now_ms, struct call *call, struct client *client,
			   const struct sip_message *response, const struct judgement *judgement)
{
	struct server *server = exchange_server(ua, call, UA_OUTWARD);
	struct slice sdp = sdp_body(response);

	ua_cancel_due(ua, now_ms, client);
	if (call->state == UA_CALL_CANCELLING || response->status == 100 || judgement->is_refused)
		return;
	if (response->to.tag.len && !forks_enter(ua, call, UA_OUTWARD, response->to.tag))
		return;
	/* Without Contact it makes no dialog yet, but it rings. */
	if (response->to.tag.len && !learn(call, response))
		text_clear(&call->outer.route_lines);
	if (sdp.len && text_set(&call->early, sdp) != RESULT_OK)
		return;
	if (call->state == UA_CALL_INVITING) {
		call->state = UA_CALL_RINGING_THERE;
		call_keep_path(ua, call, judgement, true);
		call_tell(ua, call, UA_EVENT_RINGING, response, judgement);
	}
	if (server && !carry_response(ua, now_ms, call, UA_OUTWARD, server, response, judgement,
				      slice_make(NULL, 0)))
		call_hangup(ua, now_ms, call);
}

/* Is the 2xx taken? Else a sentence in refusal, empty if the call is not wanted any more. */
static bool is_taken(struct ua *ua, struct call *call, const struct sip_message *response,
		     const struct judgement *judgement, struct writer *refusal)
{
	struct slice sdp = sdp_body(response);

	if (judgement->is_refused) {
		writer_slice(refusal, judgement->sentence);
		return false;
	}
	if (call->state == UA_CALL_CANCELLING)
		return false;
	if (call->is_delayed)
		return negotiating_offered(ua, call, sdp, refusal);
	return negotiating_answered(ua, call, UA_OUTWARD, sdp.len ? sdp : text_slice(&call->early),
				    refusal);
}

/* judgement shows how the answer came. */
static void give_up(struct ua *ua, uint64_t now_ms, struct call *call, struct slice sentence,
		    const struct judgement *judgement)
{
	struct ua_event event = {
		.kind = UA_EVENT_CALL_FAILED,
		.call = call_index(ua, call) + 1,
		.reason = sentence,
		.party = text_slice(&call->party),
		.is_by_us = true,
		.series = &judgement->series,
	};

	exchange_acknowledge(ua, call, UA_OUTWARD, slice_make(NULL, 0), slice_make(NULL, 0));
	call->exchanges[UA_OUTWARD].is_live = true; /* to the client: it is refused */
	call_release_phone(ua, now_ms, call, sentence.len ? 488 : 487,
			   sentence.len ? sentence : SLICE("the call was taken back"),
			   slice_make(NULL, 0));
	if (sentence.len)
		ua->port.tell(ua->port.context, &event);
	call_send_bye(ua, now_ms, call, slice_make(NULL, 0));
}

static bool acknowledge_for_console(struct ua *ua, struct call *call)
{
	return exchange_acknowledge(ua, call, UA_OUTWARD, UA_SESSION_REVEAL_TYPE,
				    text_slice(&call->exchanges[UA_OUTWARD].reveal));
}

static void on_ok(struct ua *ua, uint64_t now_ms, struct call *call,
		  const struct sip_message *response, const struct judgement *judgement)
{
	struct server *server = exchange_server(ua, call, UA_OUTWARD);
	char sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));

	if (!forks_enter(ua, call, UA_OUTWARD, response->to.tag) || !learn(call, response)) {
		call_release_phone(ua, now_ms, call, 502, SLICE("the answer makes no dialog"),
				   slice_make(NULL, 0));
		call_fail(ua, call, 0, SLICE("the answer makes no dialog"));
		return;
	}
	forks_forget(call);
	if (!is_taken(ua, call, response, judgement, &refusal)) {
		give_up(ua, now_ms, call, slice_make(refusal.at, refusal.len), judgement);
		return;
	}
	call_keep_path(ua, call, judgement, true);
	if (call->user == CALL_CONSOLE && acknowledge_for_console(ua, call)) {
		call_establish(ua, now_ms, call);
	} else if (server && carry_response(ua, now_ms, call, UA_OUTWARD, server, response,
					    judgement, slice_make(NULL, 0))) {
		call->state = UA_CALL_ACCEPTED;
	} else {
		give_up(ua, now_ms, call, SLICE("the answer cannot be carried"), judgement);
		return;
	}
	call_tell(ua, call, UA_EVENT_ESTABLISHED, response, judgement);
}

static void on_failure(struct ua *ua, uint64_t now_ms, struct call *call,
		       const struct sip_message *response, const struct judgement *judgement)
{
	struct server *server = exchange_server(ua, call, UA_OUTWARD);

	if (server && !carry_response(ua, now_ms, call, UA_OUTWARD, server, response, judgement,
				      slice_make(NULL, 0)))
		ua_refuse(ua, server, now_ms, 502, SLICE("the answer cannot be carried"));
	call_fail(ua, call, response->status, response->reason);
}

void call_on_response(struct ua *ua, uint64_t now_ms, struct client *client,
		      const struct sip_message *response, const struct judgement *judgement)
{
	struct call *call = call_of_client(ua, client);

	if (!call && response->status >= 200 && response->status < 300)
		unwanted_end(ua, now_ms, &client->flow, response);
	if (!call || client->number != call->exchanges[UA_OUTWARD].client)
		return;
	if (!call_is_inviting(call))
		exchange_on_later_response(ua, now_ms, call, UA_OUTWARD, response, judgement);
	else if (response->status < 200)
		on_provisional(ua, now_ms, call, client, response, judgement);
	else if (response->status < 300)
		on_ok(ua, now_ms, call, response, judgement);
	else
		on_failure(ua, now_ms, call, response, judgement);
}

bool call_on_repeated_ok(struct ua *ua, enum ua_way way, const struct sip_message *response)
{
	bool is_known = false;

	for (unsigned i = 0; i < UA_CALLS; i++) {
		struct call *call = &ua->calls[i];
		const struct exchange *exchange = &call->exchanges[way];
		struct flow flow = exchange_flow(call, way);

		if (call->state == UA_CALL_NONE ||
		    !dialog_has_response(exchange_asked_dialog(call, way), response))
			continue;
		is_known = true;
		if (exchange->ack.len && response->cseq.number == exchange->cseq_out)
			ua->port.send(ua->port.context, &flow, text_slice(&exchange->ack));
	}
	return is_known;
}
