/*
 * Follows the store: whatever anybody has changed there is read by the keeper's thread and told in
 * the loop, in the order of the changes.
 */
#ifndef SEKISHO_CONTROLPLANE_DIRECTORY_FOLLOWER_H
#define SEKISHO_CONTROLPLANE_DIRECTORY_FOLLOWER_H

#include "controlplane/policy/compile.h"
#include "controlplane/store/keeper.h"

struct follower;

/* All in the loop; what is pointed to is borrowed for the call. */
struct follower_events {
	void *ctx;
	/* now is NULL: there is no such subscriber any more. */
	void (*subscriber)(void *ctx, const char *id, const struct store_subscriber *now);
	/* As the store has it now; is_there false: only its aor is set. */
	void (*identity)(void *ctx, const struct store_identity *now, bool is_there);
	/* The rules are taken with RESULT_OK; RESULT_BAD: fault says which cannot be one. */
	void (*policy)(void *ctx, enum result result, struct policy_source *taken,
		       const struct policy_fault *fault);
	void (*keys)(void *ctx);
	void (*location)(void *ctx, const struct store_location *now);
};

/* Knows all that was before this revision. */
SEKISHO_MUST_USE enum result follower_create(const struct follower_events *events,
					     uint64_t revision, struct follower **follower);
/* After the keeper has ended. NULL is none. */
void follower_destroy(struct follower *follower);

/* In the keeper's thread (keeper_settings.follow). An error of the store: tried again next time. */
enum result follower_step(void *follower, struct keeper *keeper, struct store *store);

#endif
