/* The call as its caller: INVITE, what answers it, ACK, CANCEL. */
#include "shared/sip/reply.h"
#include "terminal/ua/call.h"
#include "terminal/ua/sdp.h"
#include "terminal/ua/sending.h"

enum result ua_call(struct ua *ua, uint64_t now_ms, struct slice to,
		    const struct ua_forgery *forgery)
{
	char sdp[SDP_BYTES], lines[UA_SESSION_LINES_BYTES];
	struct writer body = writer_make(sdp, sizeof(sdp));
	struct writer session = writer_make(lines, sizeof(lines));
	struct sending sending;
	enum result result;

	if (ua->call.state != UA_CALL_NONE)
		return RESULT_EXISTS;
	sending_begin(ua, &sending, SLICE("INVITE"));
	result = sending_address(&sending, to);
	if (result == RESULT_OK)
		result = text_set(&ua->call.party, sending.request.to);
	if (result != RESULT_OK)
		return result;
	sending_add_contact(ua, &sending);
	sending_forge(&sending, forgery);
	if (ua->session)
		ua->session->offer(ua->session->context, 0, &session);
	sdp_write(&ua->link.own, slice_make(session.at, session.len), &body);
	sending.request.extra_lines =
		SLICE("Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS\r\n");
	sending.request.content_type = SDP_CONTENT_TYPE;
	sending.request.body = slice_make(body.at, body.len);
	result = sending_start(ua, now_ms, &sending, PURPOSE_INVITE, TIMER_LIFE_MS,
			       &ua->call.invite);
	if (result != RESULT_OK) {
		call_clear(ua);
		return result;
	}
	ua->call.state = UA_CALL_INVITING;
	ua->call.invite_cseq = sending.request.cseq;
	return RESULT_OK;
}

void call_send_cancel(struct ua *ua, uint64_t now_ms)
{
	struct client *invite = ua->call.invite;
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct sip_message message;
	struct slice cancel;

	ua->call.state = UA_CALL_CANCELLING;
	ua->call.is_hangup_due = false;
	/* Who does not answer the INVITE after its CANCEL never will (9.1). */
	invite->end_ms = now_ms + TIMER_LIFE_MS;
	if (sip_message_parse(invite->request.at, invite->request.len, &message) != SIP_VERDICT_OK)
		return;
	request_write_cancel(&message, &w);
	if (writer_finish(&w, &cancel) != RESULT_OK ||
	    clients_start(&ua->clients, &ua->port, now_ms, cancel, PURPOSE_CANCEL, TIMER_LIFE_MS,
			  NULL) != RESULT_OK)
		ua_tell(ua, UA_EVENT_WARNING, 0, SLICE("the CANCEL could not be sent"),
			text_slice(&ua->call.party));
}

static void on_provisional(struct ua *ua, uint64_t now_ms, const struct sip_message *response,
			   const struct sip_route_security *series)
{
	struct call *call = &ua->call;
	bool is_ringing = call->state == UA_CALL_INVITING && response->status > 100;
	struct ua_event event = {
		.kind = UA_EVENT_RINGING,
		.status = response->status,
		.reason = response->reason,
		.party = text_slice(&call->party),
		.is_by_us = true,
		.series = series,
	};

	if (call->is_hangup_due) {
		call_send_cancel(ua, now_ms);
		return;
	}
	if (call->state == UA_CALL_INVITING)
		call->state = UA_CALL_RINGING_THERE;
	if (is_ringing)
		ua->port.tell(ua->port.context, &event);
}

/* The ACK is a request of its own (13.2.2.4): new branch, the dialog's route, INVITE's CSeq. */
static bool send_ack(struct ua *ua, struct slice body)
{
	struct sending sending;
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct slice ack;

	sending_begin(ua, &sending, SLICE("ACK"));
	dialog_fill(&ua->call.dialog, SLICE("ACK"), ua->call.invite_cseq, &sending.request);
	if (body.len) {
		sending.request.content_type = UA_SESSION_REVEAL_TYPE;
		sending.request.body = body;
	}
	request_write(&sending.request, &w);
	if (writer_finish(&w, &ack) != RESULT_OK || text_set(&ua->call.ack, ack) != RESULT_OK)
		return false;
	ua->port.send(ua->port.context, ack);
	return true;
}

static void call_fail(struct ua *ua, unsigned status, struct slice reason)
{
	struct ua_event event = {
		.kind = UA_EVENT_CALL_FAILED,
		.status = status,
		.reason = reason,
		.party = text_slice(&ua->call.party),
		.is_by_us = true,
	};

	ua->port.tell(ua->port.context, &event);
	call_clear(ua);
}

/* Acknowledges the 2xx with what the session wants said; refusal takes the session's if it has one
 * and the call is still wanted. False if there is no dialog. */
static bool acknowledge(struct ua *ua, const struct sip_message *response, bool is_wanted,
			struct writer *refusal)
{
	char bytes[UA_SESSION_LINES_BYTES];
	struct writer body = writer_make(bytes, sizeof(bytes));
	struct ua_parties parties;

	if (dialog_from_response(&ua->call.dialog, response) != RESULT_OK)
		return false;
	parties = call_parties(ua);
	if (ua->session && is_wanted &&
	    !ua->session->answered(ua->session->context, 0, &parties, sdp_body(response), &body,
				   refusal))
		body.len = 0;
	return send_ack(ua, slice_make(body.at, body.len));
}

static void on_ok(struct ua *ua, uint64_t now_ms, const struct sip_message *response,
		  const struct sip_route_security *series, struct slice refusal)
{
	bool is_wanted =
		refusal.len == 0 && ua->call.state != UA_CALL_CANCELLING && !ua->call.is_hangup_due;
	char sentence[UA_SENTENCE_CHARS];
	struct writer session = writer_make(sentence, sizeof(sentence));
	struct ua_event event = {
		.kind = UA_EVENT_ESTABLISHED,
		.status = response->status,
		.reason = response->reason,
		.party = text_slice(&ua->call.party),
		.is_by_us = true,
		.series = series,
	};

	ua->call.invite = NULL;
	if (!acknowledge(ua, response, is_wanted, &session)) {
		call_fail(ua, 0, SLICE("the answer makes no dialog"));
		return;
	}
	if (session.len)
		refusal = slice_make(session.at, session.len);
	if (is_wanted && session.len == 0) {
		ua->call.state = UA_CALL_ESTABLISHED;
		ua->port.tell(ua->port.context, &event);
		return;
	}
	if (refusal.len) {
		event.kind = UA_EVENT_CALL_FAILED;
		event.status = 0;
		event.reason = refusal;
		ua->port.tell(ua->port.context, &event);
	}
	call_send_bye(ua, now_ms);
}

void call_on_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response,
		      const struct sip_route_security *series, struct slice refusal)
{
	if (!ua->call.invite)
		return;
	if (response->status < 200) {
		if (refusal.len == 0)
			on_provisional(ua, now_ms, response, series);
	} else if (response->status < 300) {
		on_ok(ua, now_ms, response, series, refusal);
	} else {
		call_fail(ua, response->status, response->reason);
	}
}

void call_on_repeated_ok(struct ua *ua, const struct sip_message *response)
{
	const struct call *call = &ua->call;

	if (call->ack.len && response->cseq.number == call->invite_cseq &&
	    dialog_has_response(&call->dialog, response))
		ua->port.send(ua->port.context, text_slice(&call->ack));
}

void call_on_silence(struct ua *ua, uint64_t now_ms, struct client *invite)
{
	if (invite != ua->call.invite) {
		client_end(invite);
		return;
	}
	if (ua->call.state == UA_CALL_RINGING_THERE) {
		call_send_cancel(ua, now_ms);
		return;
	}
	client_end(invite);
	call_fail(ua, 408, sip_reply_phrase(408));
}
