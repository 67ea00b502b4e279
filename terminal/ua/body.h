/* What becomes of a message's body on its way across the agent. */
#ifndef SEKISHO_TERMINAL_UA_BODY_H
#define SEKISHO_TERMINAL_UA_BODY_H

#include "terminal/ua/state.h"

/* type and bytes point into the message or into buffer: never copied. */
struct body {
	struct slice type, bytes;
	char buffer[LIMIT_SIP_MESSAGE_BYTES];
};

/*
 * A session description gets the addresses of the other side of the agent, and lines (of the data
 * channel) among those of the session; whatever else, signed, encrypted, of many parts, passes as
 * it is. A client's own description is kept in the call, for when addresses change. False if a
 * description cannot be carried. call is NULL outside calls.
 */
bool body_carry(struct ua *ua, struct call *call, enum ua_way way,
		const struct sip_message *message, struct slice lines, struct body *out);

#endif
