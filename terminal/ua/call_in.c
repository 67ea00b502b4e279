/* The call as its callee: ringing, answering, refusing; and requests within either's dialog. */
#include "shared/sip/reply.h"
#include "terminal/ua/answering.h"
#include "terminal/ua/call.h"
#include "terminal/ua/sdp.h"

static void respond(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status)
{
	struct answering answering = {.status = status, .to_tag = text_slice(&ua->call.tag)};

	ua_respond(ua, server, now_ms, &answering);
}

/* 180, or 200 with our session. */
static void respond_forming(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status)
{
	char sdp[SDP_BYTES], lines[UA_SESSION_LINES_BYTES];
	struct writer body = writer_make(sdp, sizeof(sdp));
	struct writer session = writer_make(lines, sizeof(lines));
	struct ua_parties parties = call_parties(ua);
	struct answering answering = {
		.status = status,
		.to_tag = text_slice(&ua->call.tag),
		.is_forming_dialog = true,
	};

	if (status >= 200) {
		if (ua->session && ua->call.state == UA_CALL_ACCEPTED)
			ua->session->answer(ua->session->context, 0, &parties, &session);
		sdp_write(&ua->link.own, slice_make(session.at, session.len), &body);
		answering.lines = ua_allow_line();
		answering.content_type = SDP_CONTENT_TYPE;
		answering.body = slice_make(body.at, body.len);
	}
	ua_respond(ua, server, now_ms, &answering);
}

void call_answer(struct ua *ua, uint64_t now_ms)
{
	ua->call.state = UA_CALL_ACCEPTED;
	respond_forming(ua, ua->call.invited, now_ms, 200);
}

void call_refuse(struct ua *ua, uint64_t now_ms, unsigned status, bool is_by_us)
{
	respond(ua, ua->call.invited, now_ms, status);
	call_end(ua, is_by_us);
}

void call_on_invite(struct ua *ua, uint64_t now_ms, struct server *server,
		    const struct sip_message *invite, const struct sip_route_security *series)
{
	char tag[UA_TOKEN_CHARS], sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));
	struct call *call = &ua->call;
	struct answering busy = {.status = 486};
	struct ua_event event = {
		.kind = UA_EVENT_INCOMING,
		.party = invite->from.uri.text,
		.series = series,
	};

	if (call->state != UA_CALL_NONE) {
		ua_respond(ua, server, now_ms, &busy);
		return;
	}
	if (text_set(&call->tag, ua_token(tag)) != RESULT_OK ||
	    text_set(&call->party, invite->from.uri.text) != RESULT_OK ||
	    dialog_from_request(&call->dialog, invite, text_slice(&call->tag)) != RESULT_OK) {
		respond(ua, server, now_ms, 400);
		call_clear(ua);
		return;
	}
	if (ua->session &&
	    !ua->session->offered(ua->session->context, 0, sdp_body(invite), &refusal)) {
		ua_refuse(ua, server, now_ms, slice_make(refusal.at, refusal.len));
		call_clear(ua);
		return;
	}
	call->state = UA_CALL_RINGING_HERE;
	call->invited = server;
	call->invite_cseq = invite->cseq.number;
	call->ring_end_ms = now_ms + TIMER_RING_MS;
	respond_forming(ua, server, now_ms, 180);
	ua->port.tell(ua->port.context, &event);
	if (ua->is_auto_answering)
		call_answer(ua, now_ms);
}

void call_on_cancel(struct ua *ua, uint64_t now_ms, struct server *cancelled)
{
	/* Once answered for good, a CANCEL changes nothing (9.2). */
	if (ua->call.state == UA_CALL_RINGING_HERE && ua->call.invited == cancelled)
		call_refuse(ua, now_ms, 487, false);
}

/* The ACK ends the negotiation, perhaps in discord; false if the call is to end. */
static bool session_acknowledged(struct ua *ua, const struct sip_message *ack)
{
	char sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));

	if (!ua->session ||
	    ua->session->revealed(ua->session->context, 0,
				  sdp_body_of_type(ack, UA_SESSION_REVEAL_TYPE), &refusal))
		return true;
	ua_tell(ua, UA_EVENT_WARNING, 0, slice_make(refusal.at, refusal.len),
		text_slice(&ua->call.party));
	return false;
}

void call_on_ack(struct ua *ua, uint64_t now_ms, const struct sip_message *ack)
{
	struct call *call = &ua->call;
	struct sip_message invite;
	struct sip_route_security series;
	struct ua_event event = {
		.kind = UA_EVENT_ESTABLISHED,
		.party = text_slice(&call->party),
		.series = &series,
	};

	/* One that comes before any 2xx acknowledges nothing. */
	if (!call->invited || call->invited->state != SERVER_ACCEPTED ||
	    ack->cseq.number != call->invite_cseq || !dialog_has_request(&call->dialog, ack))
		return;
	server_confirm(call->invited, now_ms);
	if (call->state == UA_CALL_ACCEPTED &&
	    sip_message_parse(call->invited->request.at, call->invited->request.len, &invite) ==
		    SIP_VERDICT_OK) {
		sip_route_security_read(&invite, &series);
		call->state = UA_CALL_ESTABLISHED;
		call->is_hangup_due |= !session_acknowledged(ua, ack);
		ua->port.tell(ua->port.context, &event);
	}
	call->invited = NULL;
	if (call->is_hangup_due && call->state == UA_CALL_ESTABLISHED)
		call_send_bye(ua, now_ms);
}

/* A re-INVITE (14.2): the session stays what it is. */
static void on_reinvite(struct ua *ua, uint64_t now_ms, struct server *server,
			const struct sip_message *invite)
{
	struct call *call = &ua->call;

	if (call->state != UA_CALL_ESTABLISHED || call->invited) {
		respond(ua, server, now_ms, 491);
		return;
	}
	if (dialog_take_target(&call->dialog, invite) != RESULT_OK) {
		respond(ua, server, now_ms, 400);
		return;
	}
	call->invited = server;
	call->invite_cseq = invite->cseq.number;
	respond_forming(ua, server, now_ms, 200);
}

static void on_bye(struct ua *ua, uint64_t now_ms, struct server *server)
{
	struct call *call = &ua->call;

	respond(ua, server, now_ms, 200);
	if (call->invited && call->state == UA_CALL_RINGING_HERE)
		respond(ua, call->invited, now_ms, 487);
	else if (call->invited)
		server_confirm(call->invited, now_ms);
	call_end(ua, false);
}

void call_on_request(struct ua *ua, uint64_t now_ms, struct server *server,
		     const struct sip_message *request)
{
	struct dialog *dialog = &ua->call.dialog;

	if (!dialog_has_request(dialog, request)) {
		respond(ua, server, now_ms, 481);
		return;
	}
	if (request->cseq.number < dialog->remote_cseq) {
		respond(ua, server, now_ms, 500);
		return;
	}
	dialog->remote_cseq = request->cseq.number;
	if (request->method == SIP_METHOD_BYE)
		on_bye(ua, now_ms, server);
	else
		on_reinvite(ua, now_ms, server, request);
}

void call_on_unacknowledged(struct ua *ua, uint64_t now_ms, struct server *invited)
{
	if (ua->call.invited != invited) {
		server_end(invited);
		return;
	}
	server_end(invited);
	ua->call.invited = NULL;
	if (ua->call.state == UA_CALL_ACCEPTED || ua->call.state == UA_CALL_ESTABLISHED)
		call_send_bye(ua, now_ms);
}
