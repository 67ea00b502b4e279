/* What the files of a peer share. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEER_STATE_H
#define SEKISHO_CONTROLPLANE_PEERS_PEER_STATE_H

#include <event2/util.h>

#include "controlplane/peers/peer.h"
#include "controlplane/peers/peer_config.h"
#include "controlplane/peers/probing.h"
#include "controlplane/peers/redial.h"

struct peer {
	struct peer_world *world;
	struct peer_config *config;
	uint32_t index;
	struct link *dialled; /* our connection attempt, until it is the kept one or ended */
	struct link *link;    /* the one kept, up */
	struct epoch *current, *retiring;
	struct redial redial;
	struct probing *probing;
	struct event *rekey_timer, *retire_timer, *expiry_timer;
	uint64_t up_since_s;
	char last_reason[96];
};

/* peer.c: a sentence about it for the log; the data plane's line of it, with the SAs to send on
 * now; begin to connect, unless there is a connection; a timer, from now on. */
void peer_say(const struct peer *peer, const char *what);
void peer_line_put(const struct peer *peer);
void peer_dial(struct peer *peer);
void peer_timer_set(struct event *timer, uint64_t ms);

/* peer_epochs.c: what its timers do. */
void peer_rekey_due(evutil_socket_t fd, short what, void *peer);
void peer_retire_due(evutil_socket_t fd, short what, void *peer);
void peer_expiry_due(evutil_socket_t fd, short what, void *peer);

#endif
