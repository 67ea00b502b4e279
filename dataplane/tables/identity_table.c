#include "dataplane/tables/identity_table.h"

#include <string.h>

#include <rte_prefetch.h>

#include "dataplane/tables/array.h"

/* A place: 0 empty, 1 tombstone, else 16 bits of the hash above a 48-bit pointer. */
#define PLACE_EMPTY	0u
#define PLACE_TOMBSTONE 1u
#define POINTER_BITS	48
#define POINTER_MASK	((UINT64_C(1) << POINTER_BITS) - 1)
#define FIRST_PLACES	1024
#define PLACES_GUESSED	8 /* a cache line of them: two thirds of all may be taken */

struct identity_buckets {
	uint64_t mask; /* places - 1 */
	_Alignas(64) _Atomic uint64_t place[];
};

static inline uint64_t tag_of(uint64_t hash)
{
	return hash & ~POINTER_MASK;
}

static inline struct identity *record_of(uint64_t place)
{
	return (struct identity *)(uintptr_t)(place & POINTER_MASK);
}

static size_t buckets_bytes(uint64_t places)
{
	return sizeof(struct identity_buckets) + places * sizeof(uint64_t);
}

static struct identity_buckets *buckets_create(uint64_t places)
{
	struct identity_buckets *buckets = array_take(buckets_bytes(places));

	if (buckets)
		buckets->mask = places - 1;
	return buckets;
}

static void buckets_free(void *context, void *memory)
{
	struct identity_buckets *buckets = memory;

	(void)context;
	if (buckets)
		array_give(buckets, buckets_bytes(buckets->mask + 1));
}

static void record_give(void *slab, void *memory)
{
	slab_give(slab, memory, ((struct identity *)memory)->bytes);
}

enum result identity_table_init(struct identity_table *table, struct slab *slab,
				struct deferred *deferred)
{
	struct identity_buckets *buckets = buckets_create(FIRST_PLACES);

	if (!buckets)
		return RESULT_MEMORY;
	memset(table, 0, sizeof(*table));
	table->slab = slab;
	table->deferred = deferred;
	atomic_store_explicit(&table->buckets, buckets, memory_order_release);
	return RESULT_OK;
}

static struct identity_buckets *buckets_view(const struct identity_table *table)
{
	return atomic_load_explicit(&table->buckets, memory_order_acquire);
}

void identity_table_fini(struct identity_table *table)
{
	struct identity_buckets *buckets = buckets_view(table);

	for (uint64_t i = 0; buckets && i <= buckets->mask; i++) {
		uint64_t place = atomic_load_explicit(&buckets->place[i], memory_order_relaxed);

		if (place > PLACE_TOMBSTONE)
			record_give(table->slab, record_of(place));
	}
	buckets_free(NULL, buckets);
	memset(table, 0, sizeof(*table));
}

/* Where a name stands, or where it would go. */
struct spot {
	_Atomic uint64_t *at;	/* NULL: it is not there */
	_Atomic uint64_t *open; /* the first place that a new record may take, if it was passed */
	uint64_t place;		/* what stood at `at` when it was compared */
};

/*
 * Readers use the place as it was compared: the writer may put a tombstone, or another name's
 * record, there at any time, but what was read stays good until the reader has been quiescent.
 */
static struct spot spot_find(struct identity_buckets *buckets, const struct text_key *aor)
{
	struct spot spot = {0};

	for (uint64_t i = aor->hash & buckets->mask;; i = (i + 1) & buckets->mask) {
		_Atomic uint64_t *at = &buckets->place[i];
		uint64_t place = atomic_load_explicit(at, memory_order_acquire);

		if (place <= PLACE_TOMBSTONE) {
			if (!spot.open)
				spot.open = at;
			if (place == PLACE_EMPTY)
				return spot;
			continue;
		}
		if ((place & ~POINTER_MASK) == tag_of(aor->hash)) {
			const struct identity *there = record_of(place);

			if (there->hash == aor->hash &&
			    slice_is_equal(identity_aor(there), aor->text)) {
				spot.at = at;
				spot.place = place;
				return spot;
			}
		}
	}
}

const struct identity *identity_table_find(const struct identity_table *table,
					   const struct text_key *aor)
{
	struct spot spot = spot_find(buckets_view(table), aor);

	return spot.at ? record_of(spot.place) : NULL;
}

void identity_table_prefetch(const struct identity_table *table, uint64_t hash)
{
	const struct identity_buckets *buckets = buckets_view(table);

	rte_prefetch0((const void *)&buckets->place[hash & buckets->mask]);
}

const struct identity *identity_table_guess(const struct identity_table *table, uint64_t hash)
{
	const struct identity_buckets *buckets = buckets_view(table);

	for (uint64_t i = 0; i < PLACES_GUESSED; i++) {
		uint64_t place = atomic_load_explicit(&buckets->place[(hash + i) & buckets->mask],
						      memory_order_acquire);

		if (place == PLACE_EMPTY)
			break;
		if (place != PLACE_TOMBSTONE && tag_of(place) == tag_of(hash))
			return record_of(place);
	}
	return NULL;
}

void identity_table_prefetch_record(const struct identity_table *table, uint64_t hash)
{
	const struct identity *record = identity_table_guess(table, hash);

	if (record)
		rte_prefetch0(record);
}

static void place_insert(struct identity_buckets *buckets, struct identity *record)
{
	for (uint64_t i = record->hash & buckets->mask;; i = (i + 1) & buckets->mask) {
		if (atomic_load_explicit(&buckets->place[i], memory_order_relaxed) == PLACE_EMPTY) {
			atomic_store_explicit(&buckets->place[i],
					      (uint64_t)(uintptr_t)record | tag_of(record->hash),
					      memory_order_relaxed);
			return;
		}
	}
}

/* A fresh array without tombstones, at most half full. Room in the waiting room was reserved. */
static enum result buckets_remake(struct identity_table *table)
{
	struct identity_buckets *old = buckets_view(table), *made;
	uint64_t places = old->mask + 1;

	while ((uint64_t)(table->count + 1) * 2 > places)
		places *= 2;
	made = buckets_create(places);
	if (!made)
		return RESULT_MEMORY;
	for (uint64_t i = 0; i <= old->mask; i++) {
		uint64_t place = atomic_load_explicit(&old->place[i], memory_order_relaxed);

		if (place > PLACE_TOMBSTONE)
			place_insert(made, record_of(place));
	}
	table->used = table->count;
	atomic_store_explicit(&table->buckets, made, memory_order_release);
	deferred_put(table->deferred, buckets_free, NULL, old);
	return RESULT_OK;
}

static struct identity *record_make(struct slab *slab, const struct contract_identity *put,
				    const struct text_key *aor)
{
	size_t bytes =
		sizeof(struct identity) + put->group_count * sizeof(uint32_t) + aor->text.len;
	struct identity *made = slab_take(slab, bytes);

	if (!made)
		return NULL;
	made->hash = aor->hash;
	made->binding_index = put->binding_index;
	made->binding_generation = put->binding_generation;
	made->sibling = put->sibling;
	made->kind = put->kind;
	made->minimum_level = put->minimum_level;
	made->must_be_secure = put->must_be_secure != 0;
	made->group_count = put->group_count;
	made->aor_length = (uint8_t)aor->text.len;
	made->bytes = (uint16_t)bytes;
	memcpy(made->group, put->group, put->group_count * sizeof(uint32_t));
	memcpy(&made->group[put->group_count], aor->text.at, aor->text.len);
	return made;
}

static enum result room_make(struct identity_table *table)
{
	struct identity_buckets *buckets = buckets_view(table);

	/* A record replaced and an array replaced: two to free. */
	if (deferred_reserve(table->deferred, 2) != RESULT_OK)
		return RESULT_MEMORY;
	if ((uint64_t)(table->used + 1) * 3 > (buckets->mask + 1) * 2)
		return buckets_remake(table);
	return RESULT_OK;
}

enum result identity_table_put(struct identity_table *table, const struct contract_identity *put)
{
	struct identity *made;
	struct text_key aor;
	struct spot spot;
	uint64_t place;

	if (put->group_count > LIMIT_IDENTITY_GROUPS || !memchr(put->aor, 0, sizeof(put->aor)) ||
	    put->aor[0] == 0 || put->kind < CONTRACT_IDENTITY_LOCAL ||
	    put->kind > CONTRACT_IDENTITY_REMOTE)
		return RESULT_BAD;
	if (room_make(table) != RESULT_OK)
		return RESULT_MEMORY;
	aor = text_key_make(slice_make(put->aor, strlen(put->aor)));
	made = record_make(table->slab, put, &aor);
	if (!made)
		return RESULT_MEMORY;
	place = (uint64_t)(uintptr_t)made | tag_of(aor.hash);
	spot = spot_find(buckets_view(table), &aor);
	if (spot.at) {
		place = atomic_exchange_explicit(spot.at, place, memory_order_acq_rel);
		deferred_put(table->deferred, record_give, table->slab, record_of(place));
		return RESULT_OK;
	}
	place = atomic_exchange_explicit(spot.open, place, memory_order_acq_rel);
	table->used += place == PLACE_EMPTY;
	table->count++;
	return RESULT_OK;
}

enum result identity_table_delete(struct identity_table *table, struct slice text)
{
	struct text_key aor = text_key_make(text);
	struct spot spot = spot_find(buckets_view(table), &aor);
	uint64_t place;

	if (!spot.at)
		return RESULT_NOT_FOUND;
	if (deferred_reserve(table->deferred, 1) != RESULT_OK)
		return RESULT_MEMORY;
	place = atomic_exchange_explicit(spot.at, PLACE_TOMBSTONE, memory_order_acq_rel);
	deferred_put(table->deferred, record_give, table->slab, record_of(place));
	table->count--;
	return RESULT_OK;
}

size_t identity_table_footprint(const struct identity_table *table)
{
	return buckets_bytes(buckets_view(table)->mask + 1);
}
