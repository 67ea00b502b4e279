/* Taking an INVITE of ours back (RFC 3261 9.1), on either side of the agent. */
#ifndef SEKISHO_TERMINAL_UA_CANCELLING_H
#define SEKISHO_TERMINAL_UA_CANCELLING_H

#include "terminal/ua/state.h"

/* Now, or as soon as there is a provisional response. */
void ua_cancel(struct ua *ua, uint64_t now_ms, struct client *invite);
/* A provisional response has come: the CANCEL that waited for it goes. */
void ua_cancel_due(struct ua *ua, uint64_t now_ms, struct client *invite);

#endif
