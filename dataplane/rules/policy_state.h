/* What a worker keeps for step 6: what patterns found, and how often callers and senders asked. */
#ifndef SEKISHO_DATAPLANE_RULES_POLICY_STATE_H
#define SEKISHO_DATAPLANE_RULES_POLICY_STATE_H

#include <stdint.h>

#include "dataplane/rules/buckets.h"
#include "dataplane/rules/policy_cache.h"
#include "dataplane/rules/print_hash.h"

/* Touched by its worker alone. */
struct policy_state {
	unsigned scanner; /* the worker: each looks for patterns with a scratch of its own */
	uint64_t seed;	  /* so that nobody chooses whose bucket he shares */
	struct policy_cache *cache;
	struct buckets *buckets;
	/* Of the fingerprints by which the cache is asked: drawn at the start, known to nobody. */
	struct print_key key;
};

/* RESULT_OK, RESULT_MEMORY, or RESULT_IO: there are no random numbers. */
enum result policy_state_create(unsigned worker, uint64_t seed,
				struct policy_state **state) SEKISHO_MUST_USE;
void policy_state_destroy(struct policy_state *state);

#endif
