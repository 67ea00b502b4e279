/* What all peers of a gateway have in common; outlives them. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEER_WORLD_H
#define SEKISHO_CONTROLPLANE_PEERS_PEER_WORLD_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/link.h"
#include "controlplane/peers/peers.h"

struct event_base;

struct peer_world {
	struct event_base *base;
	SSL_CTX *context; /* of connections from now on */
	struct peers_config config;
	struct peers_out out;
	struct contract_welcome welcome; /* workers 0: no data plane yet */
	struct link_events link_events;
};

uint64_t peer_now_s(void);

/* Tell the operator: "peer NAME: WHAT". */
void peer_world_say(const struct peer_world *world, const char *name, const char *what);

/* One of the data plane's ports that has an address of this family, and that address. */
bool peer_world_port(const struct peer_world *world, uint8_t family, uint8_t *port,
		     struct contract_address *address);

#endif
