/* The TCP connections with SIP clients of this machine: bounded, found by their flow. */
#ifndef SEKISHO_TERMINAL_LOCAL_CONNECTIONS_H
#define SEKISHO_TERMINAL_LOCAL_CONNECTIONS_H

#include "terminal/local/connection.h"
#include "terminal/ua/flow.h"

/* At once; the one that was quiet for longest makes room for a new one. */
#define LOCAL_CONNECTIONS 16

struct local_connections {
	struct local_connection at[LOCAL_CONNECTIONS];
	uint32_t last_number;
};

void connections_init(struct local_connections *connections);
void connections_end(struct local_connections *connections);

/* Takes fd over. NULL without memory; fd is closed then. */
struct local_connection *connections_add(struct local_connections *connections, uint64_t now_ms,
					 int fd, const struct sip_address *peer);

/* The one that a flow names, or else one with its peer; NULL if there is none. */
struct local_connection *connections_find(struct local_connections *connections,
					  const struct flow *flow);

/* A new one to the flow's peer, perhaps still on its way. NULL if there can be none. */
struct local_connection *connections_open(struct local_connections *connections, uint64_t now_ms,
					  const struct flow *flow);

#endif
