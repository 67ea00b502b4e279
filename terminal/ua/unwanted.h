/*
 * A 2xx to an INVITE of ours that nobody wants: it comes too late, or another has answered first.
 * Who sent it has a call all the same, which only ACK and BYE end (RFC 3261 13.2.2.4).
 */
#ifndef SEKISHO_TERMINAL_UA_UNWANTED_H
#define SEKISHO_TERMINAL_UA_UNWANTED_H

#include "terminal/ua/state.h"

/* So many are ended at a time; beyond it they end themselves, for nobody acknowledges them. */
#define UNWANTED_AT_ONCE 8

/* ACK and, unless one is under way, BYE in the dialog that the response makes; flow is its own. */
void unwanted_end(struct ua *ua, uint64_t now_ms, const struct flow *flow,
		  const struct sip_message *response);

#endif
