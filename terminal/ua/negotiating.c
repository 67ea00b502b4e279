#include "terminal/ua/negotiating.h"

/* The call as those who negotiate for it know it; borrowed from the dialog. */
static struct ua_parties parties_of(const struct call *call)
{
	const struct dialog *dialog = &call->outer;
	struct slice local = text_slice(&dialog->local_uri);
	struct slice local_tag = text_slice(&dialog->local_tag);
	struct slice remote = text_slice(&dialog->remote_uri);
	struct slice remote_tag = text_slice(&dialog->remote_tag);

	return (struct ua_parties){
		.call_id = text_slice(&dialog->call_id),
		.caller_tag = call->is_caller ? local_tag : remote_tag,
		.callee_tag = call->is_caller ? remote_tag : local_tag,
		.caller = call->is_caller ? local : remote,
		.callee = call->is_caller ? remote : local,
		.is_caller = call->is_caller,
	};
}

struct slice negotiating_lines(struct ua *ua, struct call *call)
{
	char bytes[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(bytes, sizeof(bytes));
	struct ua_parties parties = parties_of(call);
	unsigned index = call_index(ua, call);

	if (!ua->session || (call->role != ROLE_NONE && call->role != ROLE_ASKED))
		return text_slice(&call->lines);
	if (call->role == ROLE_NONE) {
		ua->session->offer(ua->session->context, index, &w);
		call->role = ROLE_OFFERER;
	} else {
		ua->session->answer(ua->session->context, index, &parties, &w);
		call->role = ROLE_ANSWERER;
	}
	/* Without them the other side sees no channel, and says so. */
	if (w.is_full || text_set(&call->lines, slice_make(w.at, w.len)) != RESULT_OK)
		return slice_make(NULL, 0);
	return text_slice(&call->lines);
}

bool negotiating_offered(struct ua *ua, struct call *call, struct slice sdp, struct writer *refusal)
{
	if (!ua->session || call->role != ROLE_NONE)
		return true;
	call->role = ROLE_ASKED;
	return ua->session->offered(ua->session->context, call_index(ua, call), sdp, refusal);
}

bool negotiating_answered(struct ua *ua, struct call *call, enum ua_way way, struct slice sdp,
			  struct writer *refusal)
{
	char bytes[UA_SESSION_LINES_BYTES];
	struct writer reveal = writer_make(bytes, sizeof(bytes));
	struct ua_parties parties = parties_of(call);

	if (!ua->session || (call->role != ROLE_OFFERER && call->role != ROLE_NONE))
		return true;
	call->role = ROLE_DONE;
	if (!ua->session->answered(ua->session->context, call_index(ua, call), &parties, sdp,
				   &reveal, refusal))
		return false;
	if (text_set(&call->exchanges[way].reveal, slice_make(reveal.at, reveal.len)) == RESULT_OK)
		return true;
	WRITER_LITERAL(refusal, "out of memory");
	return false;
}

bool negotiating_revealed(struct ua *ua, struct call *call, struct slice body,
			  struct writer *refusal)
{
	if (!ua->session || (call->role != ROLE_ANSWERER && call->role != ROLE_ASKED))
		return true;
	call->role = ROLE_DONE;
	return ua->session->revealed(ua->session->context, call_index(ua, call), body, refusal);
}
