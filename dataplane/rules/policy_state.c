#include "dataplane/rules/policy_state.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <rte_common.h>
#include <sys/random.h>

#include "dataplane/bounds.h"

static enum result key_draw(struct policy_state *state, const IMB_MGR *mb)
{
	uint8_t secret[KEYED_HASH_KEY_BYTES];

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return RESULT_IO;
	keyed_hash_key_set(&state->key, mb, secret);
	OPENSSL_cleanse(secret, sizeof(secret));
	return RESULT_OK;
}

enum result policy_state_create(unsigned worker, uint64_t seed, const IMB_MGR *mb,
				struct policy_state **state)
{
	struct policy_state *made = aligned_alloc(64, RTE_ALIGN_CEIL(sizeof(*made), (size_t)64));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	memset(made, 0, sizeof(*made));
	made->scanner = worker;
	made->seed = seed;
	result = key_draw(made, mb);
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
	keyed_hash_key_wipe(&state->key);
	free(state);
}
