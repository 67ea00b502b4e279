/*
 * Everybody the store knows, in memory: credentials by subscriber, groups by identity. What
 * terminals do is judged from here, whether the store answers or not; the follower keeps it as the
 * store is. The event loop's alone.
 */
#ifndef SEKISHO_CONTROLPLANE_DIRECTORY_DIRECTORY_H
#define SEKISHO_CONTROLPLANE_DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "controlplane/store/store.h"
#include "shared/slice.h"

struct directory;

SEKISHO_MUST_USE enum result directory_create(struct directory **directory);
/* Wipes verifiers. NULL is none. */
void directory_destroy(struct directory *directory);

/* RESULT_NOT_FOUND. *out is to be wiped (store_subscriber_wipe). */
SEKISHO_MUST_USE enum result directory_subscriber_find(const struct directory *directory,
						       struct slice id,
						       struct store_subscriber *out);

/* Adds or replaces. RESULT_MEMORY: as before. */
SEKISHO_MUST_USE enum result directory_subscriber_put(struct directory *directory,
						      const struct store_subscriber *subscriber);
/* RESULT_NOT_FOUND. */
enum result directory_subscriber_remove(struct directory *directory, struct slice id);

/* RESULT_NOT_FOUND: *out has its aor alone. */
SEKISHO_MUST_USE enum result directory_identity_find(const struct directory *directory,
						     struct slice aor, struct store_identity *out);
SEKISHO_MUST_USE enum result directory_identity_put(struct directory *directory,
						    const struct store_identity *identity);
enum result directory_identity_remove(struct directory *directory, struct slice aor);

/* Where a walk over all identities stands; all zero at its beginning. */
struct directory_walk {
	size_t chain, chain_count;
};

/*
 * Goes on with a walk over at least `count` identities (more by a few), in any order; true: there are
 * more. Between two pieces the directory may change: what is added in the meantime may be left out, and
 * when it has grown the walk begins anew.
 */
bool directory_identities_walk(const struct directory *directory, struct directory_walk *walk,
			       size_t count, void (*each)(void *ctx, const struct store_identity *),
			       void *ctx);

size_t directory_subscriber_count(const struct directory *directory);

#endif
