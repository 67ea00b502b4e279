#include "dataplane/rules/policy_cache.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES 256
#define WAYS	    2

struct entry {
	uint64_t serial; /* 0: empty; no policy has it */
	struct policy_hits hits;
	uint16_t length;
	char text[ENTRY_BYTES - sizeof(uint64_t) - sizeof(struct policy_hits) - sizeof(uint16_t) -
		  2];
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
	made->entry = aligned_alloc(64, entries * sizeof(*made->entry));
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

bool policy_cache_find(const struct policy_cache *cache, uint64_t hash, uint64_t serial,
		       struct slice text, struct policy_hits *hits)
{
	const struct entry *entry = set_of(cache, hash);

	for (unsigned way = 0; way < WAYS; way++, entry++) {
		if (entry->serial == serial && entry->length == text.len &&
		    memcmp(entry->text, text.at, text.len) == 0) {
			*hits = entry->hits;
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
	entry->hits = *hits;
	entry->length = (uint16_t)text.len;
	memcpy(entry->text, text.at, text.len);
}
