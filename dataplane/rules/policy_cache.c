#include "dataplane/rules/policy_cache.h"

#include <stdlib.h>

#include <rte_prefetch.h>

#include "dataplane/tables/array.h"

#define WAYS 2

struct entry {
	struct policy_print print;
	uint64_t serial; /* 0: empty; no policy has it */
	uint32_t count;	 /* of rules */
	uint32_t rule[POLICY_HITS];
};

_Static_assert(sizeof(struct entry) == 64, "an entry is a cache line");

struct policy_cache {
	size_t mask; /* sets - 1 */
	unsigned turn;
	struct entry *entry;
};

static size_t bytes_of(size_t entries)
{
	return entries * sizeof(struct entry);
}

enum result policy_cache_create(size_t entries, struct policy_cache **cache)
{
	struct policy_cache *made;

	if (entries < WAYS || (entries & (entries - 1)) != 0)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->mask = entries / WAYS - 1;
	made->entry = array_take(bytes_of(entries));
	if (!made->entry) {
		free(made);
		return RESULT_MEMORY;
	}
	*cache = made;
	return RESULT_OK;
}

void policy_cache_destroy(struct policy_cache *cache)
{
	if (!cache)
		return;
	array_give(cache->entry, bytes_of((cache->mask + 1) * WAYS));
	free(cache);
}

/* Where it most likely stands, and behind it the other place of its set. */
static struct entry *place_of(const struct policy_cache *cache, const struct policy_print *print,
			      unsigned way)
{
	return &cache->entry[(print->half[0] & cache->mask) * WAYS +
			     ((print->half[1] ^ way) & (WAYS - 1))];
}

void policy_cache_ahead(const struct policy_cache *cache, const struct policy_print *print)
{
	rte_prefetch0(place_of(cache, print, 0));
}

static void hits_set(struct policy_hits *hits, const struct entry *entry)
{
	hits->count = (uint16_t)entry->count;
	hits->is_whole = true;
	for (unsigned i = 0; i < entry->count; i++)
		hits->rule[i] = entry->rule[i];
}

bool policy_cache_find(const struct policy_cache *cache, const struct policy_print *print,
		       uint64_t serial, struct policy_hits *hits)
{
	for (unsigned way = 0; way < WAYS; way++) {
		const struct entry *entry = place_of(cache, print, way);

		if (((entry->print.half[0] ^ print->half[0]) |
		     (entry->print.half[1] ^ print->half[1]) | (entry->serial ^ serial)) == 0) {
			hits_set(hits, entry);
			return true;
		}
	}
	return false;
}

/* Where it is looked for first, if a finding of another policy stands there; else by turns. */
void policy_cache_keep(struct policy_cache *cache, const struct policy_print *print,
		       uint64_t serial, const struct policy_hits *hits)
{
	struct entry *entry = place_of(cache, print, 0), *other = place_of(cache, print, 1);

	if (!hits->is_whole)
		return;
	if (entry->serial == serial && (other->serial != serial || ++cache->turn % WAYS != 0))
		entry = other;
	entry->print = *print;
	entry->serial = serial;
	entry->count = hits->count;
	for (unsigned i = 0; i < hits->count; i++)
		entry->rule[i] = hits->rule[i];
}
