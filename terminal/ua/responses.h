/* Responses that come in: matched, judged, then handed to what asked. */
#ifndef SEKISHO_TERMINAL_UA_RESPONSES_H
#define SEKISHO_TERMINAL_UA_RESPONSES_H

#include "terminal/ua/state.h"

/* From the gateway. */
void ua_on_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response);
/* From a local client. */
void ua_on_phone_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response);

/* A request of ours was never answered. */
void ua_on_silence(struct ua *ua, uint64_t now_ms, struct client *client);

#endif
