#include "controlplane/registrar/timers.h"

#include <assert.h>
#include <stdlib.h>

void timers_fini(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){0};
}

enum result timers_reserve(struct timers *timers, size_t more)
{
	size_t needed = timers->count + more + 1;
	size_t capacity = timers->capacity ? timers->capacity : 64;
	struct timer **heap;

	if (needed <= timers->capacity)
		return RESULT_OK;
	while (capacity < needed)
		capacity *= 2;
	heap = realloc(timers->heap, capacity * sizeof(struct timer *));
	if (!heap)
		return RESULT_MEMORY;
	timers->heap = heap;
	timers->capacity = capacity;
	return RESULT_OK;
}

static void put(struct timers *timers, struct timer *timer, size_t place)
{
	timers->heap[place] = timer;
	timer->place = place;
}

static void rise(struct timers *timers, struct timer *timer, size_t place)
{
	while (place > 1 && timers->heap[place / 2]->at_s > timer->at_s) {
		put(timers, timers->heap[place / 2], place);
		place /= 2;
	}
	put(timers, timer, place);
}

static void sink(struct timers *timers, struct timer *timer, size_t place)
{
	for (;;) {
		size_t child = 2 * place;

		if (child > timers->count)
			break;
		if (child < timers->count &&
		    timers->heap[child + 1]->at_s < timers->heap[child]->at_s)
			child++;
		if (timers->heap[child]->at_s >= timer->at_s)
			break;
		put(timers, timers->heap[child], place);
		place = child;
	}
	put(timers, timer, place);
}

/* To its right place from the one it has. */
static void settle(struct timers *timers, struct timer *timer)
{
	rise(timers, timer, timer->place);
	sink(timers, timer, timer->place);
}

void timers_set(struct timers *timers, struct timer *timer, uint64_t at_s)
{
	timer->at_s = at_s;
	if (timer->place == 0) {
		assert(timers->count + 1 < timers->capacity);
		put(timers, timer, ++timers->count);
	}
	settle(timers, timer);
}

void timers_clear(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = timers->heap[timers->count--];
	if (last == timer)
		return;
	put(timers, last, place);
	settle(timers, last);
}

struct timer *timers_due(const struct timers *timers, uint64_t now_s)
{
	if (timers->count == 0 || timers->heap[1]->at_s > now_s)
		return NULL;
	return timers->heap[1];
}
