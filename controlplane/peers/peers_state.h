/* What the files of the peers share. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEERS_STATE_H
#define SEKISHO_CONTROLPLANE_PEERS_PEERS_STATE_H

#include "controlplane/peers/peer.h"
#include "controlplane/peers/peer_world.h"
#include "controlplane/peers/strangers.h"
#include "controlplane/peers/trunk.h"

struct evconnlistener;

/* A peer of either transport, or none. */
struct member {
	struct peer *peer;
	struct trunk *trunk;
};

struct peers {
	struct peer_world world;
	struct evconnlistener *listener[2];
	struct strangers *strangers;
	struct member member[PEERS_MAX]; /* index - 1 */
};

/* NULL: there is none. */
const struct peer_config *member_config(const struct member *member);
void member_start(const struct member *member);

void peers_log(struct peers *peers, const char *sentence);

/* peers_links.c: what links tell (struct link_events, ctx: the peers). */
bool peers_link_accept(void *ctx, struct link *link, const char *domain, const char **refusal);
enum result peers_link_dress(void *ctx, struct link *link, struct epoch *epoch);
void peers_link_use(void *ctx, struct link *link, struct epoch *epoch);
void peers_link_other_kind(void *ctx, struct link *link, struct bufferevent *bev);
void peers_link_closed(void *ctx, struct link *link, const char *reason);

/* peers_links.c: be reachable, once. RESULT_IO or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result peers_listen(struct peers *peers);

#endif
