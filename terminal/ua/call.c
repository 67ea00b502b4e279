#include "terminal/ua/call.h"

#include "terminal/ua/sending.h"

struct ua_parties call_parties(const struct ua *ua)
{
	const struct dialog *dialog = &ua->call.dialog;
	struct slice local = text_slice(&dialog->local_uri);
	struct slice local_tag = text_slice(&dialog->local_tag);
	struct slice remote = text_slice(&dialog->remote_uri);
	struct slice remote_tag = text_slice(&dialog->remote_tag);

	return (struct ua_parties){
		.call_id = text_slice(&dialog->call_id),
		.caller_tag = dialog->is_caller ? local_tag : remote_tag,
		.callee_tag = dialog->is_caller ? remote_tag : local_tag,
		.caller = dialog->is_caller ? local : remote,
		.callee = dialog->is_caller ? remote : local,
		.is_caller = dialog->is_caller,
	};
}

void call_clear(struct ua *ua)
{
	if (ua->session)
		ua->session->ended(ua->session->context, 0);
	dialog_clear(&ua->call.dialog);
	text_clear(&ua->call.party);
	text_clear(&ua->call.tag);
	text_clear(&ua->call.ack);
	ua->call = (struct call){.state = UA_CALL_NONE};
}

void call_end(struct ua *ua, bool is_by_us)
{
	struct ua_event event = {
		.kind = UA_EVENT_ENDED,
		.party = text_slice(&ua->call.party),
		.is_by_us = is_by_us,
	};

	ua->port.tell(ua->port.context, &event);
	call_clear(ua);
}

void call_send_bye(struct ua *ua, uint64_t now_ms)
{
	struct sending sending;

	sending_begin(ua, &sending, SLICE("BYE"));
	dialog_fill(&ua->call.dialog, SLICE("BYE"), ++ua->call.dialog.local_cseq, &sending.request);
	ua->call.state = UA_CALL_ENDING;
	if (sending_start(ua, now_ms, &sending, PURPOSE_BYE, TIMER_LIFE_MS, NULL) != RESULT_OK)
		call_end(ua, true);
}

void call_on_bye_done(struct ua *ua)
{
	if (ua->call.state == UA_CALL_ENDING)
		call_end(ua, true);
}

enum result ua_hangup(struct ua *ua, uint64_t now_ms)
{
	switch (ua->call.state) {
	case UA_CALL_NONE:
	case UA_CALL_ENDING:
		return RESULT_NOT_FOUND;
	case UA_CALL_INVITING: /* a CANCEL must wait for a response (RFC 3261 9.1) */
	case UA_CALL_CANCELLING:
		ua->call.is_hangup_due = true;
		break;
	case UA_CALL_ACCEPTED: /* a BYE must wait for the ACK (15) */
		ua->call.is_hangup_due = true;
		break;
	case UA_CALL_RINGING_THERE:
		call_send_cancel(ua, now_ms);
		break;
	case UA_CALL_RINGING_HERE:
		call_refuse(ua, now_ms, 486, true);
		break;
	case UA_CALL_ESTABLISHED:
		call_send_bye(ua, now_ms);
		break;
	}
	return RESULT_OK;
}

enum result ua_answer(struct ua *ua, uint64_t now_ms)
{
	if (ua->call.state != UA_CALL_RINGING_HERE)
		return RESULT_NOT_FOUND;
	call_answer(ua, now_ms);
	return RESULT_OK;
}

uint64_t call_deadline(const struct ua *ua)
{
	return ua->call.state == UA_CALL_RINGING_HERE ? ua->call.ring_end_ms : TIMER_NEVER;
}

void call_tick(struct ua *ua, uint64_t now_ms)
{
	if (now_ms >= call_deadline(ua))
		call_refuse(ua, now_ms, 480, true);
}

enum ua_call_state ua_call_state(const struct ua *ua)
{
	return ua->call.state;
}

struct slice ua_call_party(const struct ua *ua)
{
	return text_slice(&ua->call.party);
}
