/* Requests within a call, from either side: ended, answered here, or carried to the other. */
#include "terminal/ua/answering.h"
#include "terminal/ua/exchange.h"
#include "terminal/ua/negotiating.h"
#include "terminal/ua/sdp.h"

/* The callee's own INVITE is still open when the caller hangs up by BYE (15.1.2). */
static void close_invite(struct ua *ua, uint64_t now_ms, struct call *call)
{
	struct server *server = exchange_server(ua, call, UA_INWARD);
	struct answering terminated = {.status = 487, .to_tag = text_slice(&call->tag)};

	if (!call->exchanges[UA_INWARD].is_live || !server)
		return;
	if (call->state == UA_CALL_RINGING_HERE)
		ua_respond(ua, server, now_ms, &terminated);
	else
		server_confirm(server, now_ms);
}

static void on_bye(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		   struct server *server, const struct sip_message *bye,
		   const struct judgement *judgement)
{
	struct slice lines = slice_make(NULL, 0);
	struct carried carried;

	ua_respond_status(ua, server, now_ms, 200);
	carried_make(ua, bye, judgement, text_slice(&call->party), false, &carried);
	if (!carried.lines.is_full)
		lines = slice_make(carried.lines.at, carried.lines.len);
	if (way == UA_INWARD) {
		close_invite(ua, now_ms, call);
		call_release_phone(ua, now_ms, call, 487, SLICE("the other side has hung up"),
				   lines);
		call_end(ua, call, false);
	} else if (call->state == UA_CALL_ESTABLISHED || call->state == UA_CALL_ACCEPTED) {
		call_send_bye(ua, now_ms, call, lines);
	} else {
		call_hangup(ua, now_ms, call);
	}
}

/* What an answer of ours that went in an ACK is answered by. */
static void on_reveal(struct ua *ua, uint64_t now_ms, struct call *call, struct server *server,
		      struct slice body)
{
	char sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));

	ua_respond_status(ua, server, now_ms, 200);
	if (negotiating_revealed(ua, call, body, &refusal))
		return;
	ua_tell(ua, UA_EVENT_WARNING, 0, slice_make(refusal.at, refusal.len),
		text_slice(&call->party));
	call_hangup(ua, now_ms, call);
}

/* The console's calls have nothing to be changed. */
static void answer_for_console(struct ua *ua, uint64_t now_ms, struct server *server,
			       const struct sip_message *request)
{
	struct answering answering = {.status = request->method == SIP_METHOD_OPTIONS ? 200 : 405,
				      .lines = ua_allow_line()};

	ua_respond(ua, server, now_ms, &answering);
}

static void carry(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		  struct server *server, const struct sip_message *request,
		  const struct judgement *judgement)
{
	/* Before the other leg has its dialog there is nobody to ask. */
	if (exchange_asked_dialog(call, way)->remote_tag.len == 0) {
		ua_respond_status(ua, server, now_ms, 481);
		return;
	}
	if (request->method == SIP_METHOD_UPDATE &&
	    dialog_take_target(exchange_asking_dialog(call, way), request) != RESULT_OK) {
		ua_respond_status(ua, server, now_ms, 400);
		return;
	}
	if (carry_request(ua, now_ms, call, way, server, request, judgement) != RESULT_OK)
		ua_refuse(ua, server, now_ms, 488, SLICE("the request cannot be carried"));
}

static void dispatch(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		     struct server *server, const struct sip_message *request,
		     const struct judgement *judgement)
{
	struct slice revealed = sdp_body_of_type(request, UA_SESSION_REVEAL_TYPE);

	if (request->method == SIP_METHOD_BYE)
		on_bye(ua, now_ms, call, way, server, request, judgement);
	else if (request->method == SIP_METHOD_INVITE)
		exchange_on_later_invite(ua, now_ms, call, way, server, request, judgement);
	else if (way == UA_INWARD && request->method == SIP_METHOD_INFO && revealed.len)
		on_reveal(ua, now_ms, call, server, revealed);
	else if (call->user == CALL_CONSOLE)
		answer_for_console(ua, now_ms, server, request);
	else
		carry(ua, now_ms, call, way, server, request, judgement);
}

void call_on_request(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *server,
		     const struct sip_message *request, const struct judgement *judgement)
{
	struct call *call = calls_find(ua, way, request);
	struct dialog *dialog;

	if (!call) {
		ua_respond_status(ua, server, now_ms, 481);
		return;
	}
	dialog = way == UA_INWARD ? &call->outer : &call->inner;
	if (request->cseq.number < dialog->remote_cseq) {
		ua_respond_status(ua, server, now_ms, 500);
		return;
	}
	dialog->remote_cseq = request->cseq.number;
	dispatch(ua, now_ms, call, way, server, request, judgement);
}
