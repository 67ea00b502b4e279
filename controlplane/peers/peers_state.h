/* What the files of the peers share. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEERS_STATE_H
#define SEKISHO_CONTROLPLANE_PEERS_PEERS_STATE_H

#include "controlplane/peers/peer.h"
#include "controlplane/peers/peer_world.h"
#include "controlplane/peers/trunk.h"

#define STRANGERS_MAX 64 /* connections that have not said who they are */

struct evconnlistener;

/* A peer of either transport, or none. */
struct member {
	struct peer *peer;
	struct trunk *trunk;
};

struct peers {
	struct peer_world world;
	struct evconnlistener *listener[2];
	struct link *stranger[STRANGERS_MAX];
	struct member member[PEERS_MAX]; /* index - 1 */
};

/* NULL: there is none. */
const struct peer_config *member_config(const struct member *member);
void member_start(const struct member *member);

/* peers.c: be reachable, once. RESULT_IO or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result peers_listen(struct peers *peers);

#endif
