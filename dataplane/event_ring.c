#include "dataplane/event_ring.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE_BYTES 64

struct event_ring {
	size_t mask;
	struct contract_event *events;
	/* Writer: the reader (release, after it has looked). Reader: the writer (acquire). */
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

static bool is_refusal(enum contract_event_kind kind)
{
	return kind == CONTRACT_EVENT_SENDER_MISMATCH || kind == CONTRACT_EVENT_ROUTE_SECURITY ||
	       kind == CONTRACT_EVENT_REFUSED || kind == CONTRACT_EVENT_RESPONSE_SERIES ||
	       kind == CONTRACT_EVENT_MALFORMED || kind == CONTRACT_EVENT_UNREGISTERED;
}

struct contract_event *event_ring_begin(struct event_ring *ring, enum contract_event_kind kind)
{
	size_t given = atomic_load_explicit(&ring->given, memory_order_relaxed);
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	struct contract_event *event = &ring->events[given & ring->mask];
	size_t room = is_refusal(kind) ? (ring->mask + 2) / 2 : ring->mask + 1;

	if (given - taken >= room) {
		ring->lost++;
		return NULL;
	}
	memset(event, 0, sizeof(*event));
	event->kind = (uint16_t)kind;
	event->lost = ring->lost;
	return event;
}

void event_ring_commit(struct event_ring *ring)
{
	size_t given = atomic_load_explicit(&ring->given, memory_order_relaxed);

	atomic_store_explicit(&ring->given, given + 1, memory_order_release);
}

struct contract_event *event_ring_front(struct event_ring *ring)
{
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);

	if (taken == atomic_load_explicit(&ring->given, memory_order_acquire))
		return NULL;
	return &ring->events[taken & ring->mask];
}

void event_ring_pop(struct event_ring *ring)
{
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);

	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
}
