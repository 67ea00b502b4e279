/*
 * What the patterns of a policy found for a caller, callee and method, remembered: a scan costs as
 * much as the rest of a message's way, and most messages ask what was asked before. What is kept is
 * the finding, not the verdict: levels, groups, hours and rates are looked at for each message. One
 * per worker, touched by it alone; of fixed size; found by the policy's serial and a fingerprint of
 * all that the patterns see, in one cache line.
 */
#ifndef SEKISHO_DATAPLANE_RULES_POLICY_CACHE_H
#define SEKISHO_DATAPLANE_RULES_POLICY_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/tables/policy_hits.h"
#include "shared/result.h"

struct policy_cache;

/* What is asked, and where to look for it: any number, the same whenever the same is asked. */
struct policy_print {
	uint64_t half[2]; /* print_hash.h, under a key that nobody knows: none can make two alike */
	uint64_t record;  /* of a binding, whose first name is the caller; 0: he is in the hash */
	uint64_t place;
};

/* entries: a power of two, 2 at least, 64 bytes each. RESULT_OK, RESULT_BAD or RESULT_MEMORY. */
enum result policy_cache_create(size_t entries, struct policy_cache **cache) SEKISHO_MUST_USE;
void policy_cache_destroy(struct policy_cache *cache);

/* Asks for what policy_cache_find() of what has this place will most likely read. */
void policy_cache_ahead(const struct policy_cache *cache, uint64_t place);

/* A finding that is not whole is not kept. */
bool policy_cache_find(const struct policy_cache *cache, const struct policy_print *print,
		       uint64_t serial, struct policy_hits *hits);
void policy_cache_keep(struct policy_cache *cache, const struct policy_print *print,
		       uint64_t serial, const struct policy_hits *hits);

#endif
