/* ACKs to a 2xx, from either side: the end of an exchange, and of the negotiation. */
#include "terminal/ua/exchange.h"
#include "terminal/ua/negotiating.h"
#include "terminal/ua/sdp.h"

/* The ACK ends the negotiation, perhaps in discord; false if the call is to end. */
static bool conclude(struct ua *ua, struct call *call, enum ua_way way,
		     const struct sip_message *ack)
{
	char sentence[UA_SENTENCE_CHARS];
	struct writer refusal = writer_make(sentence, sizeof(sentence));
	bool is_good = true;

	if (way == UA_INWARD && call->is_delayed)
		is_good = negotiating_answered(ua, call, way, sdp_body(ack), &refusal);
	else if (way == UA_INWARD)
		is_good = negotiating_revealed(
			ua, call, sdp_body_of_type(ack, UA_SESSION_REVEAL_TYPE), &refusal);
	if (!is_good)
		ua_tell(ua, UA_EVENT_WARNING, 0, slice_make(refusal.at, refusal.len),
			text_slice(&call->party));
	return is_good;
}

/* The ACK of who asked becomes ours to who was asked. */
static bool carry_ack(struct ua *ua, struct call *call, enum ua_way way, bool is_first,
		      const struct sip_message *ack)
{
	struct slice reveal = text_slice(&call->exchanges[way].reveal);
	struct slice lines = slice_make(NULL, 0);
	struct body body;

	if (way == UA_OUTWARD && is_first && !call->is_delayed && reveal.len)
		return exchange_acknowledge(ua, call, way, UA_SESSION_REVEAL_TYPE, reveal);
	if (way == UA_OUTWARD && is_first && call->is_delayed && sdp_body(ack).len)
		lines = negotiating_lines(ua, call);
	if (!body_carry(ua, call, way, ack, lines, &body))
		return false;
	if (sdp_body_of_type(ack, UA_SESSION_REVEAL_TYPE).len)
		body.bytes.len = 0; /* it was for us */
	return exchange_acknowledge(ua, call, way, body.type, body.bytes);
}

/* What an answer in the ACK is answered by: the offer's secret, in an INFO. */
static void reveal(struct ua *ua, uint64_t now_ms, struct call *call)
{
	struct slice what = text_slice(&call->exchanges[UA_INWARD].reveal);
	struct flow channel = {0};
	struct sending sending;

	if (!call->is_delayed || what.len == 0)
		return;
	sending_begin(ua, &channel, &sending, SLICE("INFO"));
	call->outer.cseq_shift++;
	dialog_fill(&call->outer, SLICE("INFO"), ++call->outer.local_cseq, &sending.request);
	sending.request.content_type = UA_SESSION_REVEAL_TYPE;
	sending.request.body = what;
	if (sending_start(ua, now_ms, &sending, PURPOSE_REVEAL, TIMER_LIFE_MS, NULL) != RESULT_OK)
		ua_tell(ua, UA_EVENT_WARNING, 0,
			SLICE("what the data channel waits for could not be sent"),
			text_slice(&call->party));
}

static void establish(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		      const struct server *server)
{
	struct judgement judgement;
	struct sip_message invite;

	call_establish(ua, now_ms, call);
	call->is_reoffer_due = true;
	if (way == UA_OUTWARD)
		return; /* told when it was answered */
	if (sip_message_parse(server->request.at, server->request.len, &invite) != SIP_VERDICT_OK)
		return;
	sip_route_security_read(&invite, &judgement.series);
	call_tell(ua, call, UA_EVENT_ESTABLISHED, NULL, &judgement);
	reveal(ua, now_ms, call);
}

void call_on_ack(struct ua *ua, uint64_t now_ms, enum ua_way way, const struct sip_message *ack)
{
	struct call *call = calls_find(ua, way, ack);
	struct server *server = call ? exchange_server(ua, call, way) : NULL;
	bool is_first = call && call->state == UA_CALL_ACCEPTED;

	/* One that comes before any 2xx acknowledges nothing. */
	if (!server || server->state != SERVER_ACCEPTED ||
	    ack->cseq.number != call->exchanges[way].cseq_in)
		return;
	server_confirm(server, now_ms);
	if (is_first)
		call->is_hangup_due |= !conclude(ua, call, way, ack);
	if (call->user == CALL_CONSOLE)
		call->exchanges[way].is_live = false;
	else
		call->is_hangup_due |= !carry_ack(ua, call, way, is_first, ack);
	if (is_first)
		establish(ua, now_ms, call, way, server);
	if (call->is_hangup_due && call->state == UA_CALL_ESTABLISHED)
		call_hangup(ua, now_ms, call);
}
