/*
 * One configured peer: its connection, the epochs of SAs it lent us, and the line of the data
 * plane's peer table that names them. Losing the connection leaves the SAs up to their hard
 * lifetime.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEER_H
#define SEKISHO_CONTROLPLANE_PEERS_PEER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peer_world.h"

struct peer;

struct peer *peer_create(struct peer_world *world, const struct peer_config *config,
			 uint32_t index);

/* Its SAs stay: calls go on without us. */
void peer_destroy(struct peer *peer);
/* Its SAs go too: it is no peer any more. */
void peer_remove(struct peer *peer);

const struct peer_config *peer_config_of(const struct peer *peer);
uint32_t peer_index_of(const struct peer *peer);

/* It goes on under another configuration that reaches it in the same way. It owns config now. */
void peer_adjust(struct peer *peer, struct peer_config *config);

/* Begin to connect if it is ours to do, and tell the data plane who the peer is. */
void peer_start(struct peer *peer);

/*
 * A link whose certificate is this peer's: keep it? Of two simultaneous ones the one opened by the
 * smaller certificate hash stays (signalling 6); a second from the same opener replaces the first.
 */
bool peer_link_accept(struct peer *peer, struct link *link);
void peer_link_closed(struct peer *peer, struct link *link, const char *reason);

/* Addresses, lifetimes and owner of an epoch's SAs. RESULT_NOT_FOUND: no port of that family. */
enum result peer_epoch_dress(struct peer *peer, struct epoch *epoch) SEKISHO_MUST_USE;
void peer_epoch_use(struct peer *peer, struct epoch *epoch);

void peer_adopt_sa(struct peer *peer, const struct contract_sa *sa);
void peer_refill(struct peer *peer);
void peer_rekey(struct peer *peer);
/* Fresh keys before their time, whoever opened the link; false: it is not up. */
bool peer_renew(struct peer *peer);

/* Is it one of the SAs of this peer that are in use? */
bool peer_has_sa(const struct peer *peer, uint32_t index, uint8_t generation);
/* A response that came by one of them. */
void peer_sip_received(struct peer *peer, struct slice message);
/* One of them is no more. */
void peer_sa_gone(struct peer *peer);
json_t *peer_show(const struct peer *peer);

/* Is there a link whose other side its CA file revokes now? */
bool peer_is_revoked(const struct peer *peer);

#endif
