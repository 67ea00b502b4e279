#include "terminal/ua/exchange.h"

#include "terminal/ua/answering.h"
#include "terminal/ua/sdp.h"

/* An INVITE of ours that crossed the other side's own is sent again, and how often at most. */
#define REOFFER_CALLER_MS 3000
#define REOFFER_CALLEE_MS 1000
#define REOFFERS	  4

struct flow exchange_flow(const struct call *call, enum ua_way way)
{
	return way == UA_OUTWARD ? (struct flow){.kind = FLOW_CHANNEL} : call->phone;
}

struct server *exchange_server(struct ua *ua, const struct call *call, enum ua_way way)
{
	struct side *asking = way == UA_OUTWARD ? &ua->inner : &ua->outer;

	return servers_get(&asking->servers, call->exchanges[way].server);
}

void exchange_begin(struct call *call, enum ua_way way, const struct server *server, uint32_t cseq)
{
	struct exchange *exchange = &call->exchanges[way];

	text_clear(&exchange->ack);
	text_clear(&exchange->reveal);
	*exchange = (struct exchange){
		.is_live = true,
		.server = server ? server->number : 0,
		.cseq_in = cseq,
		.cseq_out = cseq,
	};
}

enum result exchange_send(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
			  const struct sending *sending)
{
	struct client *client;
	enum result result =
		sending_start(ua, now_ms, sending, PURPOSE_INVITE, TIMER_LIFE_MS, &client);

	if (result != RESULT_OK)
		return result;
	client->call = call_index(ua, call) + 1;
	client->asked_by = call->exchanges[way].server;
	call->exchanges[way].client = client->number;
	call->exchanges[way].cseq_out = sending->request.cseq;
	return RESULT_OK;
}

enum result exchange_fill(struct ua *ua, struct call *call, enum ua_way way,
			  const struct sip_message *invite, const struct judgement *judgement,
			  struct slice lines, struct sending *sending, struct carried *carried,
			  struct body *body)
{
	if (!body_carry(ua, call, way, invite, lines, body))
		return RESULT_BAD;
	carried_make(ua, invite, judgement, text_slice(&call->party), false, carried);
	carry_origin(invite, &sending->request);
	sending->request.content_type = body->type;
	sending->request.body = body->bytes;
	sending->request.extra_lines = slice_make(carried->lines.at, carried->lines.len);
	return carried->lines.is_full ? RESULT_SPACE : RESULT_OK;
}

bool exchange_acknowledge(struct ua *ua, struct call *call, enum ua_way way, struct slice type,
			  struct slice body)
{
	struct exchange *exchange = &call->exchanges[way];
	struct flow flow = exchange_flow(call, way);
	struct sending sending;

	exchange->is_live = false;
	sending_begin(ua, &flow, &sending, SLICE("ACK"));
	dialog_fill(exchange_asked_dialog(call, way), SLICE("ACK"), exchange->cseq_out,
		    &sending.request);
	if (body.len) {
		sending.request.content_type = type;
		sending.request.body = body;
	}
	return sending_send(ua, &sending, &exchange->ack);
}

/* The console has no media: its session stays what it is (14.2). */
static void answer_for_console(struct ua *ua, uint64_t now_ms, struct call *call,
			       struct server *server)
{
	char sdp[SDP_BYTES];
	struct writer body = writer_make(sdp, sizeof(sdp));
	struct answering answering = {
		.status = 200,
		.is_forming_dialog = true,
		.party = text_slice(&call->party),
		.lines = ua_allow_line(),
		.content_type = SDP_CONTENT_TYPE,
	};

	sdp_write(&ua->link.host, slice_make(NULL, 0), &body);
	answering.body = slice_make(body.at, body.len);
	ua_respond(ua, server, now_ms, &answering);
}

static enum result carry_invite(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
				const struct sip_message *invite, const struct judgement *judgement)
{
	struct dialog *asked = exchange_asked_dialog(call, way);
	struct flow flow = exchange_flow(call, way);
	struct sending sending;
	struct carried carried;
	struct body body;
	enum result result;

	sending_begin(ua, &flow, &sending, SLICE("INVITE"));
	asked->local_cseq = invite->cseq.number + asked->cseq_shift;
	dialog_fill(asked, SLICE("INVITE"), asked->local_cseq, &sending.request);
	sending_add_contact(ua, &sending, text_slice(&call->party));
	result = exchange_fill(ua, call, way, invite, judgement, slice_make(NULL, 0), &sending,
			       &carried, &body);
	return result == RESULT_OK ? exchange_send(ua, now_ms, call, way, &sending) : result;
}

void exchange_on_later_invite(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
			      struct server *server, const struct sip_message *invite,
			      const struct judgement *judgement)
{
	if (call->state != UA_CALL_ESTABLISHED || call->exchanges[UA_OUTWARD].is_live ||
	    call->exchanges[UA_INWARD].is_live) {
		ua_respond_status(ua, server, now_ms, 491);
		return;
	}
	if (dialog_take_target(exchange_asking_dialog(call, way), invite) != RESULT_OK) {
		ua_respond_status(ua, server, now_ms, 400);
		return;
	}
	exchange_begin(call, way, server, invite->cseq.number);
	if (call->user == CALL_CONSOLE) {
		answer_for_console(ua, now_ms, call, server);
	} else if (carry_invite(ua, now_ms, call, way, invite, judgement) != RESULT_OK) {
		call->exchanges[way].is_live = false;
		ua_refuse(ua, server, now_ms, 488, SLICE("the INVITE cannot be carried"));
	}
}

/* Its INVITE crossed ours: who has made the Call-ID waits longer (RFC 3261 14.1). */
static void reoffer_again(struct call *call, uint64_t now_ms)
{
	call->is_reoffer_due = ++call->reoffers < REOFFERS;
	call->reoffer_ms = now_ms + (call->is_caller ? REOFFER_CALLER_MS : REOFFER_CALLEE_MS);
}

/* Are the addresses that the other side has not the way? Asking makes the new ones. */
static bool is_astray(struct ua *ua, struct call *call)
{
	if (ua->media->is_astray(ua->media->context, call_index(ua, call))) {
		call->is_astray = true;
		call->reoffers = 0;
	}
	return call->is_astray;
}

void exchange_reoffer(struct ua *ua, uint64_t now_ms, struct call *call)
{
	char sdp[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(sdp, sizeof(sdp));
	struct flow channel = {0};
	struct sending sending;

	if (call->state != UA_CALL_ESTABLISHED || call->exchanges[UA_OUTWARD].is_live ||
	    call->exchanges[UA_INWARD].is_live || !ua->is_attached || now_ms < call->reoffer_ms)
		return;
	call->is_reoffer_due = false;
	if (!ua->media || call->user != CALL_PHONE || call->offered.len == 0 ||
	    !is_astray(ua, call) ||
	    !ua->media->carry(ua->media->context, call_index(ua, call), UA_OUTWARD,
			      call->phone.peer.family, text_slice(&call->offered), &w))
		return;
	sending_begin(ua, &channel, &sending, SLICE("INVITE"));
	call->outer.cseq_shift++;
	dialog_fill(&call->outer, SLICE("INVITE"), ++call->outer.local_cseq, &sending.request);
	sending_add_contact(ua, &sending, text_slice(&call->party));
	sending.request.content_type = SDP_CONTENT_TYPE;
	sending.request.body = slice_make(w.at, w.len);
	exchange_begin(call, UA_OUTWARD, NULL, sending.request.cseq);
	if (exchange_send(ua, now_ms, call, UA_OUTWARD, &sending) != RESULT_OK)
		call->exchanges[UA_OUTWARD].is_live = false;
}

/* The answer to an INVITE of ours: its addresses are taken, the client need not know. */
static void on_reoffer_answered(struct ua *ua, uint64_t now_ms, struct call *call,
				const struct sip_message *response,
				const struct judgement *judgement)
{
	char unread[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(unread, sizeof(unread));

	if (response->status < 200)
		return;
	call->exchanges[UA_OUTWARD].is_live = false;
	if (response->status == 491)
		reoffer_again(call, now_ms);
	if (response->status >= 300) {
		if (!call->is_reoffer_due)
			ua_tell(ua, UA_EVENT_WARNING, response->status,
				SLICE("the other side does not take our new addresses for media"),
				text_slice(&call->party));
		return;
	}
	call->is_astray = false;
	exchange_acknowledge(ua, call, UA_OUTWARD, slice_make(NULL, 0), slice_make(NULL, 0));
	if (judgement->is_refused || dialog_take_target(&call->outer, response) != RESULT_OK ||
	    !ua->media->carry(ua->media->context, call_index(ua, call), UA_INWARD,
			      call->phone.peer.family, sdp_body(response), &w))
		ua_tell(ua, UA_EVENT_WARNING, response->status,
			SLICE("the other side's new description was not taken"),
			text_slice(&call->party));
}

void exchange_on_later_response(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
				const struct sip_message *response,
				const struct judgement *judgement)
{
	struct server *server = exchange_server(ua, call, way);
	bool is_ok = response->status >= 200 && response->status < 300;
	bool is_refused = judgement && judgement->is_refused;

	if (way == UA_OUTWARD && call->exchanges[way].is_live && call->exchanges[way].server == 0) {
		on_reoffer_answered(ua, now_ms, call, response, judgement);
		return;
	}
	if (!call->exchanges[way].is_live || !server || response->status == 100 ||
	    (response->status < 200 && is_refused))
		return;
	if (is_ok && dialog_take_target(exchange_asked_dialog(call, way), response) != RESULT_OK)
		is_refused = true;
	if (!is_refused && carry_response(ua, now_ms, call, way, server, response, judgement,
					  slice_make(NULL, 0))) {
		call->exchanges[way].is_live = response->status < 300;
		return;
	}
	if (response->status < 200)
		return;
	ua_refuse(ua, server, now_ms, 488, SLICE("the answer is not to be trusted"));
	call->exchanges[way].is_live = false;
	if (!is_ok)
		return;
	/* Both sides have a session now that is not the same: the call cannot go on. */
	exchange_acknowledge(ua, call, way, slice_make(NULL, 0), slice_make(NULL, 0));
	call_hangup(ua, now_ms, call);
}
