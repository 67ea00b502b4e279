#include "dataplane/rules/policy_cache.h"

#include <stdlib.h>

#include <rte_prefetch.h>

#include "dataplane/tables/array.h"

#define WAYS 2

#define NO_RULE UINT32_MAX

struct entry {
	uint64_t half[2];
	uint64_t record;
	uint64_t serial;	    /* 0: empty; no policy has it */
	uint32_t rule[POLICY_HITS]; /* up to the first NO_RULE */
};

_Static_assert(sizeof(struct entry) == 64, "an entry is a cache line");

struct policy_cache {
	size_t mask; /* entries - 1 */
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
	made->mask = entries - 1;
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
	array_give(cache->entry, bytes_of(cache->mask + 1));
	free(cache);
}

/* Where it most likely stands, and behind it the other place of its set. */
static struct entry *place_of(const struct policy_cache *cache, uint64_t place, unsigned way)
{
	return &cache->entry[(place & cache->mask) ^ way];
}

void policy_cache_ahead(const struct policy_cache *cache, uint64_t place)
{
	rte_prefetch0(place_of(cache, place, 0));
}

static void hits_set(struct policy_hits *hits, const struct entry *entry)
{
	uint16_t count = 0;

	for (; count < POLICY_HITS && entry->rule[count] != NO_RULE; count++)
		hits->rule[count] = entry->rule[count];
	hits->count = count;
	hits->is_whole = true;
}

bool policy_cache_find(const struct policy_cache *cache, const struct policy_print *print,
		       uint64_t serial, struct policy_hits *hits)
{
	for (unsigned way = 0; way < WAYS; way++) {
		const struct entry *entry = place_of(cache, print->place, way);

		if (((entry->half[0] ^ print->half[0]) | (entry->half[1] ^ print->half[1]) |
		     (entry->record ^ print->record) | (entry->serial ^ serial)) == 0) {
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
	struct entry *entry = place_of(cache, print->place, 0),
		     *other = place_of(cache, print->place, 1);

	if (!hits->is_whole)
		return;
	if (entry->serial == serial && (other->serial != serial || ++cache->turn % WAYS != 0))
		entry = other;
	entry->half[0] = print->half[0];
	entry->half[1] = print->half[1];
	entry->record = print->record;
	entry->serial = serial;
	for (unsigned i = 0; i < POLICY_HITS; i++)
		entry->rule[i] = i < hits->count ? hits->rule[i] : NO_RULE;
}
