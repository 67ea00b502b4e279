/* What two user agents negotiate in the bodies of a call: asked of whoever keeps the channel. */
#ifndef SEKISHO_TERMINAL_UA_SESSION_H
#define SEKISHO_TERMINAL_UA_SESSION_H

#include <stdbool.h>

#include "shared/slice.h"
#include "shared/writer.h"

#define UA_SESSION_REVEAL_TYPE SLICE("application/sekisho-channel")

/* Room for the session-level lines of a description, and for what is revealed. */
#define UA_SESSION_LINES_BYTES 640

/* Calls at once: a person has one or two, a small switchboard behind the agent a few more. */
#define UA_CALLS 8

/* Who calls whom: what the dialog says of the call (RFC 3261 12). URIs as in From and To. */
struct ua_parties {
	struct slice call_id;
	struct slice caller_tag, callee_tag;
	struct slice caller, callee;
	bool is_caller; /* are we? */
};

/*
 * In the order of a call, which is a number below UA_CALLS. The one who offers is the caller, or,
 * where the INVITE has no offer, the callee: then his 200 has it and the ACK the answer. Those that
 * judge return false to end the call, with a sentence in refusal (488, or BYE where there was a
 * 2xx). All slices are borrowed.
 */
struct ua_session {
	void *context;
	/* We offer: session-level lines of the offer. */
	void (*offer)(void *context, unsigned call, struct writer *lines);
	/* The other side offers; sdp is empty if its message had none. */
	bool (*offered)(void *context, unsigned call, struct slice sdp, struct writer *refusal);
	/* We answer: session-level lines of the answer. */
	void (*answer)(void *context, unsigned call, const struct ua_parties *parties,
		       struct writer *lines);
	/*
	 * Ours was answered; reveal is what the ACK's body says then, or an INFO's if the answer
	 * was in the ACK.
	 */
	bool (*answered)(void *context, unsigned call, const struct ua_parties *parties,
			 struct slice sdp, struct writer *reveal, struct writer *refusal);
	/* What the other side reveals to our answer; empty if it said nothing in its place. */
	bool (*revealed)(void *context, unsigned call, struct slice body, struct writer *refusal);
	/* No such call any more; also after a call that never was. */
	void (*ended)(void *context, unsigned call);
};

#endif
