#include "dataplane/tables/binding_places.h"

#include <stdbool.h>
#include <string.h>

#include "dataplane/tables/array.h"

#define INDEX_MASK ((UINT64_C(1) << BINDING_PLACES_INDEX_BITS) - 1)

static size_t entries_bytes(const struct binding_places *places)
{
	return places->buckets * BINDING_PLACES_BUCKET * sizeof(*places->entries);
}

enum result binding_places_init(struct binding_places *places, uint32_t capacity, uint64_t seed)
{
	places->seed = seed;
	places->buckets = 1;
	while (places->buckets * (BINDING_PLACES_BUCKET / 2) < capacity)
		places->buckets *= 2;
	places->entries = array_take(entries_bytes(places));
	return places->entries ? RESULT_OK : RESULT_MEMORY;
}

void binding_places_fini(struct binding_places *places)
{
	array_give(places->entries, entries_bytes(places));
	memset(places, 0, sizeof(*places));
}

/* Where in the address's bucket this entry stands; NULL: nowhere. */
static _Atomic uint64_t *entry_find(const struct binding_places *places, uint64_t hash,
				    uint64_t entry)
{
	_Atomic uint64_t *bucket = binding_places_bucket(places, hash);

	for (size_t i = 0; i < BINDING_PLACES_BUCKET; i++)
		if (atomic_load_explicit(&bucket[i], memory_order_relaxed) == entry)
			return &bucket[i];
	return NULL;
}

void binding_places_add(struct binding_places *places, const struct sip_address *address,
			uint32_t index)
{
	uint64_t hash = binding_places_hash(places, address);
	_Atomic uint64_t *free = entry_find(places, hash, 0);

	if (free)
		atomic_store_explicit(free, (hash & ~INDEX_MASK) | index, memory_order_relaxed);
}

void binding_places_remove(struct binding_places *places, const struct sip_address *address,
			   uint32_t index)
{
	uint64_t hash = binding_places_hash(places, address);
	_Atomic uint64_t *there = entry_find(places, hash, (hash & ~INDEX_MASK) | index);

	if (there)
		atomic_store_explicit(there, 0, memory_order_relaxed);
}
