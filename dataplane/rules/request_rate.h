/* How many requests a terminal may send through its SA: a bucket of one second's worth. */
#ifndef SEKISHO_DATAPLANE_RULES_REQUEST_RATE_H
#define SEKISHO_DATAPLANE_RULES_REQUEST_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/message.h"

/* Belongs to the SA's owner worker, which alone reads and writes it. All zero: full. */
struct request_rate {
	uint64_t *tokens;   /* thousandths of a request */
	uint64_t *since_ms; /* Unix time up to which tokens were given; 0: never */
};

/* Is there one left for this request? per_second 0: always. */
bool request_rate_take(struct request_rate rate, uint32_t per_second, uint64_t now_ms);

/* ACK and CANCEL belong to an INVITE that was counted (signalling 2). */
static inline bool request_rate_is_counted(const struct sip_message *message)
{
	return message->is_request && message->method != SIP_METHOD_ACK &&
	       message->method != SIP_METHOD_CANCEL;
}

#endif
