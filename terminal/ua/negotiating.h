/* The data channel of one call, negotiated in the descriptions that its first INVITE brings about.
 */
#ifndef SEKISHO_TERMINAL_UA_NEGOTIATING_H
#define SEKISHO_TERMINAL_UA_NEGOTIATING_H

#include "terminal/ua/state.h"

/*
 * Lines for our description in a message of the first exchange: of the offer, or of the answer if
 * theirs is here already. Those of later messages are the same.
 */
struct slice negotiating_lines(struct ua *ua, struct call *call);

/* Judge as the session's functions do; true without a session, and if there is nothing to judge. */
bool negotiating_offered(struct ua *ua, struct call *call, struct slice sdp,
			 struct writer *refusal);
/* What is to be revealed then stays in the exchange of that way. */
bool negotiating_answered(struct ua *ua, struct call *call, enum ua_way way, struct slice sdp,
			  struct writer *refusal);
bool negotiating_revealed(struct ua *ua, struct call *call, struct slice body,
			  struct writer *refusal);

#endif
