#include "terminal/ua/cancelling.h"

#include "terminal/ua/request.h"
#include "terminal/ua/sending.h"

static void send_cancel(struct ua *ua, uint64_t now_ms, struct client *invite)
{
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct sip_message message;
	struct slice cancel;

	/* Who does not answer the INVITE after its CANCEL never will (9.1). */
	invite->end_ms = now_ms + TIMER_LIFE_MS;
	if (sip_message_parse(invite->request.at, invite->request.len, &message) != SIP_VERDICT_OK)
		return;
	request_write_cancel(&message, &w);
	if (writer_finish(&w, &cancel) != RESULT_OK ||
	    clients_start(&ua_side(ua, &invite->flow)->clients, &ua->port, now_ms, &invite->flow,
			  cancel, PURPOSE_CANCEL, TIMER_LIFE_MS, NULL) != RESULT_OK)
		ua_tell(ua, UA_EVENT_WARNING, 0, SLICE("the CANCEL could not be sent"),
			message.to.uri.text);
}

void ua_cancel(struct ua *ua, uint64_t now_ms, struct client *invite)
{
	if (invite->state == CLIENT_CALLING)
		invite->is_cancel_due = true;
	else if (invite->state == CLIENT_PROCEEDING)
		send_cancel(ua, now_ms, invite);
}

void ua_cancel_due(struct ua *ua, uint64_t now_ms, struct client *invite)
{
	if (!invite->is_cancel_due)
		return;
	invite->is_cancel_due = false;
	send_cancel(ua, now_ms, invite);
}
