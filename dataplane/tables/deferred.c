#include "dataplane/tables/deferred.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct waiting {
	deferred_free *free_it;
	void *context;
	void *memory;
	uint64_t token; /* of rte_rcu_qsbr_start */
};

/* A ring that grows: first .. first + count - 1, capacity a power of two. */
struct deferred {
	struct rte_rcu_qsbr *readers;
	struct waiting *ring;
	size_t capacity;
	size_t first;
	size_t count;
};

#define DEFERRED_FIRST_CAPACITY 64

struct deferred *deferred_create(struct rte_rcu_qsbr *readers)
{
	struct deferred *deferred = calloc(1, sizeof(*deferred));

	if (!deferred)
		return NULL;
	deferred->readers = readers;
	deferred->capacity = DEFERRED_FIRST_CAPACITY;
	deferred->ring = calloc(deferred->capacity, sizeof(*deferred->ring));
	if (!deferred->ring) {
		free(deferred);
		return NULL;
	}
	return deferred;
}

static void oldest_free(struct deferred *deferred)
{
	struct waiting *oldest = &deferred->ring[deferred->first & (deferred->capacity - 1)];

	oldest->free_it(oldest->context, oldest->memory);
	deferred->first++;
	deferred->count--;
}

void deferred_destroy(struct deferred *deferred)
{
	if (!deferred)
		return;
	while (deferred->count > 0)
		oldest_free(deferred);
	free(deferred->ring);
	free(deferred);
}

static enum result ring_double(struct deferred *deferred)
{
	size_t capacity = deferred->capacity * 2;
	struct waiting *ring = calloc(capacity, sizeof(*ring));

	if (!ring)
		return RESULT_MEMORY;
	for (size_t i = 0; i < deferred->count; i++)
		ring[i] = deferred->ring[(deferred->first + i) & (deferred->capacity - 1)];
	free(deferred->ring);
	deferred->ring = ring;
	deferred->capacity = capacity;
	deferred->first = 0;
	return RESULT_OK;
}

enum result deferred_reserve(struct deferred *deferred, size_t count)
{
	while (deferred->capacity - deferred->count < count) {
		if (ring_double(deferred) != RESULT_OK)
			return RESULT_MEMORY;
	}
	return RESULT_OK;
}

void deferred_put(struct deferred *deferred, deferred_free *free_it, void *context, void *memory)
{
	struct waiting *waiting;

	if (!memory)
		return;
	assert(deferred->count < deferred->capacity);
	waiting = &deferred->ring[(deferred->first + deferred->count) & (deferred->capacity - 1)];
	*waiting = (struct waiting){
		.free_it = free_it,
		.context = context,
		.memory = memory,
		.token = rte_rcu_qsbr_start(deferred->readers),
	};
	deferred->count++;
}

size_t deferred_poll(struct deferred *deferred)
{
	while (deferred->count > 0) {
		struct waiting *oldest =
			&deferred->ring[deferred->first & (deferred->capacity - 1)];

		if (rte_rcu_qsbr_check(deferred->readers, oldest->token, false) != 1)
			break;
		oldest_free(deferred);
	}
	return deferred->count;
}
