#include "dataplane/event_ring.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE_BYTES 64

struct event_ring {
	size_t mask;
	struct contract_event *events;
	/* Writer: the reader (release, after it has copied). Reader: the writer (acquire). */
	_Alignas(CACHE_LINE_BYTES) _Atomic size_t taken;
	/* Writer: the writer (release, after it has filled in). Reader: the reader (acquire). */
	_Alignas(CACHE_LINE_BYTES) _Atomic size_t given;
	uint64_t lost; /* the writer's own */
};

enum result event_ring_create(size_t count, struct event_ring **ring)
{
	struct event_ring *made;

	if (count == 0 || (count & (count - 1)) != 0)
		return RESULT_BAD;
	made = aligned_alloc(CACHE_LINE_BYTES, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	memset(made, 0, sizeof(*made));
	made->mask = count - 1;
	made->events = calloc(count, sizeof(*made->events));
	if (!made->events) {
		free(made);
		return RESULT_MEMORY;
	}
	*ring = made;
	return RESULT_OK;
}

void event_ring_destroy(struct event_ring *ring)
{
	if (!ring)
		return;
	free(ring->events);
	free(ring);
}

struct contract_event *event_ring_begin(struct event_ring *ring)
{
	size_t given = atomic_load_explicit(&ring->given, memory_order_relaxed);
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	struct contract_event *event = &ring->events[given & ring->mask];

	if (given - taken > ring->mask) {
		ring->lost++;
		return NULL;
	}
	memset(event, 0, sizeof(*event));
	event->lost = ring->lost;
	return event;
}

void event_ring_commit(struct event_ring *ring)
{
	size_t given = atomic_load_explicit(&ring->given, memory_order_relaxed);

	atomic_store_explicit(&ring->given, given + 1, memory_order_release);
}

bool event_ring_take(struct event_ring *ring, struct contract_event *event)
{
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);

	if (taken == atomic_load_explicit(&ring->given, memory_order_acquire))
		return false;
	*event = ring->events[taken & ring->mask];
	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
	return true;
}
