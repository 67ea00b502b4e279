/* A peer as configured, in a copy of its own: the configuration may change under a running peer. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEER_CONFIG_H
#define SEKISHO_CONTROLPLANE_PEERS_PEER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peers.h"

/* NULL: out of memory. */
struct peer_config *peer_config_copy(const struct peer_config *from);
/* The gateway's own name. */
const char *peer_config_gateway(const struct peer_config *config);

/* What its link is worth in Route-Security. */
uint8_t peer_config_level(const struct peer_config *config);

void peer_config_destroy(struct peer_config *config);

/* Is it reached, and does it prove itself, in the same way: can its connections stay? */
bool peer_config_is_same_way(const struct peer_config *a, const struct peer_config *b);

/* The data plane's line of it, without what only a live connection knows. */
void peer_config_fill(const struct peer_config *config, uint32_t index, struct contract_peer *put);

#endif
