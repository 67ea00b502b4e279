#include "terminal/ua/body.h"

#include "terminal/ua/sdp.h"

/* A client's media pass through the agent; the console has none. */
static bool has_media(const struct ua *ua, const struct call *call)
{
	return ua->media && call && call->user == CALL_PHONE;
}

bool body_carry(struct ua *ua, struct call *call, enum ua_way way,
		const struct sip_message *message, struct slice lines, struct body *out)
{
	struct ua_buffer edited;
	struct writer w = writer_make(edited.bytes, sizeof(edited.bytes));
	struct writer carried = writer_make(out->buffer, sizeof(out->buffer));
	struct slice sdp = sdp_body(message);

	out->type = sip_message_value(message, SIP_HEADER_CONTENT_TYPE);
	out->bytes = sip_message_body(message);
	if (!call || sdp.len == 0)
		return true;
	if (way == UA_OUTWARD && has_media(ua, call) && text_set(&call->offered, sdp) != RESULT_OK)
		return false;
	sdp_edit(sdp, lines, &w);
	if (has_media(ua, call)) {
		if (w.is_full ||
		    !ua->media->carry(ua->media->context, call_index(ua, call), way,
				      call->phone.peer.family, slice_make(w.at, w.len), &carried))
			return false;
	} else {
		writer_slice(&carried, slice_make(w.at, w.len));
	}
	out->bytes = slice_make(carried.at, carried.len);
	return !w.is_full && !carried.is_full;
}
