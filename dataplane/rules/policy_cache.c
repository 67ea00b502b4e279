#include "dataplane/rules/policy_cache.h"

#include <stdlib.h>
#include <string.h>

#include <rte_prefetch.h>

#define ENTRY_BYTES 256
#define LINE_BYTES  64
#define WAYS	    2

struct entry {
	uint64_t serial; /* 0: empty; no policy has it */
	uint64_t hash;	 /* of the text: no other entry's text is read */
	uint16_t length; /* of the text */
	uint16_t count;	 /* of rules */
	uint32_t rule[POLICY_HITS];
	char text[ENTRY_BYTES - 2 * sizeof(uint64_t) - 2 * sizeof(uint16_t) -
		  POLICY_HITS * sizeof(uint32_t)];
};

_Static_assert(sizeof(struct entry) == ENTRY_BYTES, "an entry is four cache lines");

struct policy_cache {
	size_t mask; /* sets - 1 */
	unsigned turn;
	struct entry *entry;
};

enum result policy_cache_create(size_t entries, struct policy_cache **cache)
{
	struct policy_cache *made;

	if (entries < WAYS || (entries & (entries - 1)) != 0)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->mask = entries / WAYS - 1;
	made->entry = aligned_alloc(LINE_BYTES, entries * sizeof(*made->entry));
	if (!made->entry) {
		free(made);
		return RESULT_MEMORY;
	}
	memset(made->entry, 0, entries * sizeof(*made->entry));
	*cache = made;
	return RESULT_OK;
}

void policy_cache_destroy(struct policy_cache *cache)
{
	if (!cache)
		return;
	free(cache->entry);
	free(cache);
}

static struct entry *set_of(const struct policy_cache *cache, uint64_t hash)
{
	return &cache->entry[(hash & cache->mask) * WAYS];
}

/* As much of each as most texts take. */
void policy_cache_ahead(const struct policy_cache *cache, uint64_t hash)
{
	const struct entry *entry = set_of(cache, hash);

	for (unsigned way = 0; way < WAYS; way++, entry++) {
		rte_prefetch0(entry);
		rte_prefetch0((const char *)entry + LINE_BYTES);
	}
}

static void hits_set(struct policy_hits *hits, const struct entry *entry)
{
	hits->count = entry->count;
	hits->is_whole = true;
	for (unsigned i = 0; i < entry->count; i++)
		hits->rule[i] = entry->rule[i];
}

bool policy_cache_find(const struct policy_cache *cache, uint64_t hash, uint64_t serial,
		       struct slice text, struct policy_hits *hits)
{
	const struct entry *entry = set_of(cache, hash);

	for (unsigned way = 0; way < WAYS; way++, entry++) {
		if (entry->hash == hash && entry->serial == serial &&
		    entry->length == text.len && memcmp(entry->text, text.at, text.len) == 0) {
			hits_set(hits, entry);
			return true;
		}
	}
	return false;
}

/* Of another policy first, else by turns. */
void policy_cache_keep(struct policy_cache *cache, uint64_t hash, uint64_t serial,
		       struct slice text, const struct policy_hits *hits)
{
	struct entry *entry = set_of(cache, hash);

	if (!hits->is_whole || text.len > sizeof(entry->text))
		return;
	if (entry[0].serial == serial && (entry[1].serial != serial || ++cache->turn % WAYS != 0))
		entry++;
	entry->serial = serial;
	entry->hash = hash;
	entry->length = (uint16_t)text.len;
	entry->count = hits->count;
	memcpy(entry->rule, hits->rule, sizeof(entry->rule));
	memcpy(entry->text, text.at, text.len);
}
