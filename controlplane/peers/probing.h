/*
 * Asks one peer again and again whether it is there: OPTIONS inside the SAs, by each of ours in
 * turn, so that both directions and the whole path of a message are tried.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PROBING_H
#define SEKISHO_CONTROLPLANE_PEERS_PROBING_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peer_world.h"
#include "shared/slice.h"

struct probing;

struct probing_target {
	uint32_t sa_index;
	uint8_t sa_generation;
	uint8_t port;
	uint8_t level; /* of the link */
	struct contract_address own, other; /* SIP addresses */
};

struct probing_events {
	void *ctx;
	/* By which SA to ask now, of those there are; false: there is none. */
	bool (*target)(void *ctx, uint32_t turn, struct probing_target *target);
	/* It is lost or back: probing_is_lost() says which. */
	void (*changed)(void *ctx);
};

/* Begins at once; world outlives it. NULL: out of memory. */
struct probing *probing_create(const struct peer_world *world, const struct probing_events *events);
void probing_destroy(struct probing *probing);

/* A response that came by one of the peer's SAs. */
void probing_take(struct probing *probing, struct slice message);

bool probing_is_lost(const struct probing *probing);
/* How long the last answer took; how many questions have had none. */
uint64_t probing_round_trip_us(const struct probing *probing);
uint64_t probing_unanswered(const struct probing *probing);

#endif
