#include "controlplane/keyexchange/sa_allocator.h"

#include <stdbool.h>
#include <stdlib.h>

/* Generations; a period for each makes 1.27 lifetimes of PERIODS_PER_LIFETIME periods. */
#define GENERATIONS	     255
#define PERIODS_PER_LIFETIME 200

/* An index; those that are free stand in a list, the longest rested first. Index 0 is its head. */
struct place {
	uint32_t next, previous;
	uint32_t rests_until; /* in periods of the clock */
	uint8_t generation;   /* 0: not given out */
};

struct sa_allocator {
	struct place *places;
	uint32_t capacity;
	uint32_t used;
	uint32_t period_s;
	uint64_t period; /* of the latest time told: a clock set back changes nothing */
	unsigned workers, next_worker;
};

static void list_append(struct sa_allocator *a, uint32_t index)
{
	struct place *head = &a->places[0], *place = &a->places[index];

	place->next = 0;
	place->previous = head->previous;
	a->places[head->previous].next = index;
	head->previous = index;
}

static void list_remove(struct sa_allocator *a, uint32_t index)
{
	struct place *place = &a->places[index];

	a->places[place->previous].next = place->next;
	a->places[place->next].previous = place->previous;
}

enum result sa_allocator_create(uint32_t capacity, unsigned workers, uint32_t lifetime_s,
				struct sa_allocator **out)
{
	struct sa_allocator *a;

	if (capacity < 2 || capacity > 1u << LIMIT_SA_INDEX_BITS || workers == 0 ||
	    workers > UINT8_MAX || lifetime_s == 0)
		return RESULT_BAD;
	a = calloc(1, sizeof(*a));
	if (!a)
		return RESULT_MEMORY;
	a->places = calloc(capacity, sizeof(*a->places));
	if (!a->places) {
		free(a);
		return RESULT_MEMORY;
	}
	a->capacity = capacity;
	a->workers = workers;
	a->period_s = lifetime_s / PERIODS_PER_LIFETIME + 1;
	for (uint32_t i = 1; i < capacity; i++)
		list_append(a, i);
	*out = a;
	return RESULT_OK;
}

void sa_allocator_destroy(struct sa_allocator *a)
{
	if (!a)
		return;
	free(a->places);
	free(a);
}

void sa_allocator_begin_at(struct sa_allocator *a, uint32_t number)
{
	uint32_t first = number % (a->capacity - 1) + 1;
	uint32_t last = a->places[first].previous;

	/* the head is taken out of the ring, and put in before the first */
	list_remove(a, 0);
	if (last == 0)
		last = a->places[0].previous;
	a->places[0].next = first;
	a->places[0].previous = last;
	a->places[first].previous = 0;
	a->places[last].next = 0;
}

static uint64_t period_at(struct sa_allocator *a, uint64_t now_s)
{
	if (now_s / a->period_s > a->period)
		a->period = now_s / a->period_s;
	return a->period;
}

enum result sa_allocator_take(struct sa_allocator *a, uint64_t now_s, struct sa_slot *out)
{
	uint64_t period = period_at(a, now_s);
	uint32_t index = a->places[0].next;

	if (index == 0 || a->places[index].rests_until > period)
		return RESULT_SPACE;
	list_remove(a, index);
	a->places[index].generation = (uint8_t)(period % GENERATIONS + 1);
	a->used++;
	*out = (struct sa_slot){
		.index = index,
		.generation = a->places[index].generation,
		.worker = (uint8_t)a->next_worker,
	};
	a->next_worker = (a->next_worker + 1) % a->workers;
	return RESULT_OK;
}

enum result sa_allocator_release(struct sa_allocator *a, uint32_t index, uint8_t generation,
				 uint64_t now_s)
{
	struct place *place;

	if (index == 0 || index >= a->capacity || generation == 0 ||
	    a->places[index].generation != generation)
		return RESULT_NOT_FOUND;
	place = &a->places[index];
	place->generation = 0;
	/* the next period: its generation is another than any this index had before */
	place->rests_until = (uint32_t)period_at(a, now_s) + 1;
	a->used--;
	list_append(a, index);
	return RESULT_OK;
}

enum result sa_allocator_adopt(struct sa_allocator *a, uint32_t index, uint8_t generation)
{
	if (index == 0 || index >= a->capacity || generation == 0)
		return RESULT_BAD;
	if (a->places[index].generation != 0)
		return RESULT_EXISTS;
	list_remove(a, index);
	a->places[index].generation = generation;
	a->used++;
	return RESULT_OK;
}

uint32_t sa_allocator_used(const struct sa_allocator *a)
{
	return a->used;
}
