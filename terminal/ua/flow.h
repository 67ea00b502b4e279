/* Between whom a SIP message passes: the channel to the gateway, or a SIP client on this machine.
 */
#ifndef SEKISHO_TERMINAL_UA_FLOW_H
#define SEKISHO_TERMINAL_UA_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/host.h"

enum flow_kind {
	FLOW_CHANNEL,
	FLOW_UDP,
	FLOW_TCP,
};

/* All zero is the channel. */
struct flow {
	enum flow_kind kind;
	struct sip_address peer; /* of a client: where it is */
	uint32_t connection;	 /* of TCP: its number; once it is gone, one to peer is made */
};

static inline bool flow_is_local(const struct flow *flow)
{
	return flow->kind != FLOW_CHANNEL;
}

/* Does what is sent arrive, so that nothing is sent again (RFC 3261 17)? */
static inline bool flow_is_reliable(const struct flow *flow)
{
	return flow->kind == FLOW_TCP;
}

#endif
