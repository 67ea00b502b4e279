/* Requests that come in: judged, then handed to the call or answered. */
#ifndef SEKISHO_TERMINAL_UA_REQUESTS_H
#define SEKISHO_TERMINAL_UA_REQUESTS_H

#include "terminal/ua/state.h"

/* message has the verdict OK or REFUSE. */
void ua_on_request(struct ua *ua, uint64_t now_ms, const struct sip_message *message,
		   enum sip_verdict verdict);

#endif
