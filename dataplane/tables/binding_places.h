/*
 * Terminals that are registered in the clear, by the address and port that they send from: who most
 * likely sent what came from there. A hint: one that finds no room is left out, and who is found
 * must be asked whether it is so.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_BINDING_PLACES_H
#define SEKISHO_DATAPLANE_TABLES_BINDING_PLACES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/tables/text_key.h"
#include "shared/result.h"
#include "shared/sip/host.h"

#define BINDING_PLACES_BUCKET	  8 /* one cache line of entries */
#define BINDING_PLACES_INDEX_BITS 24

struct binding_places {
	/* Bits of a keyed hash of the address, and in the low 24 the binding's index; 0: free.
	 * Writer: control lcore (relaxed: each stands for itself). Readers: workers (relaxed: what
	 * the index leads to has an order of its own). */
	_Atomic uint64_t *entries;
	uint64_t buckets; /* a power of two */
	uint64_t seed;
};

/* For indices 1..capacity-1; seed: secret, so that nobody chooses whom he shares a bucket with.
 * RESULT_OK or RESULT_MEMORY. */
enum result binding_places_init(struct binding_places *places, uint32_t capacity,
				uint64_t seed) SEKISHO_MUST_USE;
void binding_places_fini(struct binding_places *places);

/* Writer: index is to be found at the address, and no longer. */
void binding_places_add(struct binding_places *places, const struct sip_address *address,
			uint32_t index);
void binding_places_remove(struct binding_places *places, const struct sip_address *address,
			   uint32_t index);

static inline uint64_t binding_places_hash(const struct binding_places *places,
					   const struct sip_address *address)
{
	uint64_t low, high;

	memcpy(&high, address->bytes, sizeof(high));
	memcpy(&low, address->bytes + sizeof(high), sizeof(low));
	return text_key_mix(text_key_mix(high ^ places->seed, low ^ 0xa0761d6478bd642fu) ^
				    address->port,
			    0x589965cc75374cc3u);
}

/* Where entries of that hash stand: one cache line. */
static inline _Atomic uint64_t *binding_places_bucket(const struct binding_places *places,
						      uint64_t hash)
{
	return &places->entries[(hash & (places->buckets - 1)) * BINDING_PLACES_BUCKET];
}

/* Readers: an index that was put for an address of that hash; 0: there is none. */
static inline uint32_t binding_places_at(const struct binding_places *places, uint64_t hash)
{
	const _Atomic uint64_t *bucket = binding_places_bucket(places, hash);
	uint64_t found = 0;

	for (size_t i = 0; i < BINDING_PLACES_BUCKET; i++) {
		uint64_t entry = atomic_load_explicit(&bucket[i], memory_order_relaxed);

		if ((entry ^ hash) >> BINDING_PLACES_INDEX_BITS == 0)
			found = entry;
	}
	return (uint32_t)found & ((1u << BINDING_PLACES_INDEX_BITS) - 1);
}

static inline uint32_t binding_places_find(const struct binding_places *places,
					   const struct sip_address *address)
{
	return binding_places_at(places, binding_places_hash(places, address));
}

#endif
