#include "dataplane/rules/policy_state.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <rte_common.h>

#include "dataplane/bounds.h"

static enum result key_draw(struct print_key *key)
{
	return RAND_priv_bytes((unsigned char *)key, sizeof(*key)) == 1 ? RESULT_OK : RESULT_IO;
}

enum result policy_state_create(unsigned worker, uint64_t seed, struct policy_state **state)
{
	struct policy_state *made = aligned_alloc(64, RTE_ALIGN_CEIL(sizeof(*made), (size_t)64));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	memset(made, 0, sizeof(*made));
	made->scanner = worker;
	made->seed = seed;
	result = key_draw(&made->key);
	if (result == RESULT_OK)
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
	OPENSSL_cleanse(&state->key, sizeof(state->key));
	free(state);
}
