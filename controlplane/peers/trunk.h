/*
 * A configured peer that speaks SIP over TLS (docs/protocol.md 5.2): its few connections and the
 * line of the data plane's peer table that says whether it can be reached.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_TRUNK_H
#define SEKISHO_CONTROLPLANE_PEERS_TRUNK_H

#include <jansson.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peer_world.h"
#include "shared/slice.h"

struct bufferevent;
struct trunk;

/* NULL: out of memory. */
struct trunk *trunk_create(struct peer_world *world, const struct peer_config *config,
			   uint32_t index);
void trunk_destroy(struct trunk *trunk);

const struct peer_config *trunk_config_of(const struct trunk *trunk);
/* It goes on under another configuration that reaches it in the same way. It owns config now. */
void trunk_adjust(struct trunk *trunk, struct peer_config *config);

/* Begin to connect if it is ours to do, and tell the data plane who the peer is. */
void trunk_start(struct trunk *trunk);

/* Is the other side of this connection, by its certificate, this peer? */
bool trunk_is_other_side(const struct trunk *trunk, SSL *ssl, const char **why);
/* A connection that came to us, and is this peer's; its handshake is done. */
void trunk_take(struct trunk *trunk, struct bufferevent *bev);

/* A message to it. It is lost, and counted, if there is no connection that takes it. */
void trunk_send(struct trunk *trunk, struct slice message);

json_t *trunk_show(const struct trunk *trunk);

/* Is there a connection whose other side its CA file revokes now? */
bool trunk_is_revoked(const struct trunk *trunk);

#endif
