#include "dataplane/rules/policy_state.h"

#include <stdlib.h>

#include "dataplane/bounds.h"

enum result policy_state_create(unsigned worker, uint64_t seed, struct policy_state **state)
{
	struct policy_state *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->scanner = worker;
	made->seed = seed;
	result = policy_cache_create(POLICY_CACHE_ENTRIES, &made->cache);
	if (result == RESULT_OK)
		result = buckets_create(POLICY_BUCKETS, &made->buckets);
	if (result != RESULT_OK) {
		policy_state_destroy(made);
		return result;
	}
	*state = made;
	return RESULT_OK;
}

void policy_state_destroy(struct policy_state *state)
{
	if (!state)
		return;
	policy_cache_destroy(state->cache);
	buckets_destroy(state->buckets);
	free(state);
}
