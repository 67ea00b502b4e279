#include "terminal/ua/unwanted.h"

#include "terminal/ua/sending.h"

/* BYEs of no call that wait for their answer; is_known: one of them is for this very response. */
static unsigned count_ending(const struct clients *clients, const struct sip_message *response,
			     bool *is_known)
{
	struct sip_message bye;
	unsigned count = 0;

	*is_known = false;
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		const struct client *client = &clients->at[i];

		if (client->state == CLIENT_FREE || client->purpose != PURPOSE_UNWANTED ||
		    sip_message_parse(client->request.at, client->request.len, &bye) !=
			    SIP_VERDICT_OK)
			continue;
		count += client->state != CLIENT_COMPLETED;
		*is_known |= slice_is_equal(bye.call_id, response->call_id) &&
			     slice_is_equal(bye.to.tag, response->to.tag);
	}
	return count;
}

static bool send_within(struct ua *ua, uint64_t now_ms, const struct flow *flow,
			const struct dialog *dialog, struct slice method, uint32_t cseq)
{
	struct text copy = {0};
	struct sending sending;
	bool is_sent;

	sending_begin(ua, flow, &sending, method);
	dialog_fill(dialog, method, cseq, &sending.request);
	if (slice_is_equal(method, SLICE("BYE")))
		return sending_start(ua, now_ms, &sending, PURPOSE_UNWANTED, TIMER_LIFE_MS, NULL) ==
		       RESULT_OK;
	is_sent = sending_send(ua, &sending, &copy);
	text_clear(&copy);
	return is_sent;
}

void unwanted_end(struct ua *ua, uint64_t now_ms, const struct flow *flow,
		  const struct sip_message *response)
{
	struct dialog dialog = {0};
	bool is_known;

	if (count_ending(&ua_side(ua, flow)->clients, response, &is_known) >= UNWANTED_AT_ONCE ||
	    dialog_from_response(&dialog, response) != RESULT_OK) {
		dialog_clear(&dialog);
		return;
	}
	if (flow_is_local(flow))
		text_clear(&dialog.route_lines); /* it comes to us without any route */
	if (!send_within(ua, now_ms, flow, &dialog, SLICE("ACK"), response->cseq.number) ||
	    (!is_known &&
	     !send_within(ua, now_ms, flow, &dialog, SLICE("BYE"), response->cseq.number + 1)))
		ua_tell(ua, UA_EVENT_WARNING, 0,
			SLICE("somebody who answered too late could not be told"),
			response->to.uri.text);
	else if (!is_known && !flow_is_local(flow))
		ua_tell(ua, UA_EVENT_WARNING, 0,
			SLICE("another answer to the same call was hung up"),
			response->to.uri.text);
	dialog_clear(&dialog);
}
