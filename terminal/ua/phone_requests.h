/* Requests of the SIP clients on this machine: REGISTER answered here, the others carried out. */
#ifndef SEKISHO_TERMINAL_UA_PHONE_REQUESTS_H
#define SEKISHO_TERMINAL_UA_PHONE_REQUESTS_H

#include "terminal/ua/state.h"

/* message has the verdict OK or REFUSE. */
void ua_on_phone_request(struct ua *ua, uint64_t now_ms, const struct flow *flow,
			 const struct sip_message *message, enum sip_verdict verdict);

#endif
