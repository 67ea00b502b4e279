/*
 * How the store takes what is asked of it: in order, slow, or failing. Times are of a clock that
 * never goes back; locked by whose it is.
 */
#ifndef SEKISHO_CONTROLPLANE_STORE_KEEPER_HEALTH_H
#define SEKISHO_CONTROLPLANE_STORE_KEEPER_HEALTH_H

#include "controlplane/store/keeper.h"

#define HEALTH_SLOW_MS	   1000 /* what takes so long is slow */
#define HEALTH_SLOW_FOR_MS 3000 /* without another that is, it was the last */

struct health {
	struct keeper_state state;
	uint64_t begun_ms; /* what is under way was; 0: nothing is */
	uint64_t slow_until_ms;
};

void health_init(struct health *health);

/* Something is asked of it, and has come to its end. failure: the store's sentence. True: that it
 * is good, or that it is not or not for the reason before, is news. */
void health_begin(struct health *health, uint64_t now_ms);
bool health_end(struct health *health, enum result result, const char *failure, uint64_t now_ms);

/* The store is to blame for this result; the others speak of what was asked. */
bool health_is_failure(enum result result);

/* How it is now; state.is_slow is news if the last look at it had another. */
void health_look(struct health *health, uint64_t now_ms);

#endif
