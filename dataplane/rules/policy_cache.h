/*
 * What the patterns of a policy found for a caller, callee and method, remembered: a scan costs as
 * much as the rest of a message's way, and most messages ask what was asked before. What is kept is
 * the finding, not the verdict: levels, groups, hours and rates are looked at for each message. One
 * per worker, touched by it alone; of fixed size; found by the whole text and the policy's serial,
 * so that no other text and no other policy is ever answered from it.
 */
#ifndef SEKISHO_DATAPLANE_RULES_POLICY_CACHE_H
#define SEKISHO_DATAPLANE_RULES_POLICY_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/policy_hits.h"
#include "shared/result.h"
#include "shared/slice.h"

struct policy_cache;

/* entries: a power of two, 2 at least, 256 bytes each. RESULT_OK, RESULT_BAD or RESULT_MEMORY. */
enum result policy_cache_create(size_t entries, struct policy_cache **cache) SEKISHO_MUST_USE;
void policy_cache_destroy(struct policy_cache *cache);

/* Asks for what policy_cache_find() of this hash will read. */
void policy_cache_ahead(const struct policy_cache *cache, uint64_t hash);

/* hash: any of the text. A text that is too long, or whose finding is not whole, is not kept. */
bool policy_cache_find(const struct policy_cache *cache, uint64_t hash, uint64_t serial,
		       struct slice text, struct policy_hits *hits);
void policy_cache_keep(struct policy_cache *cache, uint64_t hash, uint64_t serial,
		       struct slice text, const struct policy_hits *hits);

#endif
