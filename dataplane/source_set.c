#include "dataplane/source_set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET_PLACES 8 /* one cache line of tags */

struct source_set {
	uint64_t seed;
	uint64_t left_out; /* writer's */
	uint32_t buckets;  /* a power of two */
	uint32_t *count;   /* [buckets * BUCKET_PLACES], writer's: SAs of each place */
	/* A keyed hash of the address, 0: free. Writer: control lcore (relaxed: each stands for
	 * itself). Readers: workers (relaxed). */
	_Atomic uint64_t *tags;
};

enum result source_set_create(uint32_t sources, uint64_t seed, struct source_set **set)
{
	struct source_set *made = calloc(1, sizeof(*made));

	if (!made)
		return RESULT_MEMORY;
	made->seed = seed;
	made->buckets = 1;
	while (made->buckets * (BUCKET_PLACES / 2) < sources)
		made->buckets *= 2;
	made->count = calloc((size_t)made->buckets * BUCKET_PLACES, sizeof(*made->count));
	made->tags = aligned_alloc(64, (size_t)made->buckets * BUCKET_PLACES * sizeof(*made->tags));
	if (!made->count || !made->tags) {
		source_set_destroy(made);
		return RESULT_MEMORY;
	}
	for (size_t i = 0; i < (size_t)made->buckets * BUCKET_PLACES; i++)
		atomic_init(&made->tags[i], 0);
	*set = made;
	return RESULT_OK;
}

void source_set_destroy(struct source_set *set)
{
	if (!set)
		return;
	free(set->count);
	free(set->tags);
	free(set);
}

static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93u;
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93u;
	return value ^ value >> 32;
}

static uint64_t tag_of(const struct source_set *set, const struct contract_address *address)
{
	uint64_t words[2] = {0}, tag;

	memcpy(words, address->bytes, address->family == 4 ? 4 : 16);
	tag = mix(mix(words[0] + set->seed) + words[1] + address->family);
	return tag ? tag : 1;
}

static size_t bucket_of(const struct source_set *set, uint64_t tag)
{
	return (size_t)(tag >> 7 & (set->buckets - 1)) * BUCKET_PLACES;
}

void source_set_add(struct source_set *set, const struct contract_address *address)
{
	uint64_t tag = tag_of(set, address);
	size_t first = bucket_of(set, tag), place = first + BUCKET_PLACES;

	for (size_t i = first; i < first + BUCKET_PLACES; i++) {
		uint64_t there = atomic_load_explicit(&set->tags[i], memory_order_relaxed);

		if (there == tag) {
			set->count[i]++;
			return;
		}
		if (there == 0)
			place = i;
	}
	if (place == first + BUCKET_PLACES) {
		set->left_out++;
		return;
	}
	set->count[place] = 1;
	atomic_store_explicit(&set->tags[place], tag, memory_order_relaxed);
}

void source_set_remove(struct source_set *set, const struct contract_address *address)
{
	uint64_t tag = tag_of(set, address);
	size_t first = bucket_of(set, tag);

	for (size_t i = first; i < first + BUCKET_PLACES; i++) {
		if (atomic_load_explicit(&set->tags[i], memory_order_relaxed) != tag)
			continue;
		if (--set->count[i] == 0)
			atomic_store_explicit(&set->tags[i], 0, memory_order_relaxed);
		return;
	}
}

uint64_t source_set_left_out(const struct source_set *set)
{
	return set->left_out;
}

bool source_set_has(const struct source_set *set, const struct contract_address *address)
{
	uint64_t tag = tag_of(set, address);
	size_t first = bucket_of(set, tag);

	for (size_t i = first; i < first + BUCKET_PLACES; i++)
		if (atomic_load_explicit(&set->tags[i], memory_order_relaxed) == tag)
			return true;
	return false;
}
