/* What two user agents negotiate in the bodies of a call: asked of whoever keeps the channel. */
#ifndef SEKISHO_TERMINAL_UA_SESSION_H
#define SEKISHO_TERMINAL_UA_SESSION_H

#include <stdbool.h>

#include "shared/slice.h"
#include "shared/writer.h"

#define UA_SESSION_ACK_TYPE SLICE("application/sekisho-channel")

/* Room for the session-level lines of a description, and for the body of an ACK. */
#define UA_SESSION_LINES_BYTES 640

/* Who calls whom: what the dialog says of the call (RFC 3261 12). URIs as in From and To. */
struct ua_parties {
	struct slice call_id;
	struct slice caller_tag, callee_tag;
	struct slice caller, callee;
	bool is_caller; /* are we? */
};

/*
 * In the order of a call. Those that judge return false to end the call, with a sentence in
 * refusal (488, or BYE where there was a 2xx). All slices are borrowed.
 */
struct ua_session {
	void *context;
	/* We call: session-level lines of the offer. */
	void (*offer)(void *context, struct writer *lines);
	/* We are called: the offer, empty if there is none. */
	bool (*offered)(void *context, struct slice sdp, struct writer *refusal);
	/* We take the call: session-level lines of the answer. */
	void (*answer)(void *context, const struct ua_parties *parties, struct writer *lines);
	/* Ours was answered; ack is the body of the ACK, if it is to have one. */
	bool (*answered)(void *context, const struct ua_parties *parties, struct slice sdp,
			 struct writer *ack, struct writer *refusal);
	/* The ACK to our answer; body is empty if it has none of UA_SESSION_ACK_TYPE. */
	bool (*acknowledged)(void *context, struct slice body, struct writer *refusal);
	/* No call any more; also after a call that never was. */
	void (*ended)(void *context);
};

#endif
