/* Deadlines of things that embed a timer, the earliest first: a binary heap of pointers. */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_TIMERS_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/* Embedded, zeroed at first; must not be moved or freed while it is set. */
struct timer {
	uint64_t at_s;
	size_t place;  /* in the heap, from 1; 0: not set */
	unsigned kind; /* the owner's: what embeds it */
};

struct timers {
	struct timer **heap; /* heap[0] is not used */
	size_t count, capacity;
};

/* Frees the heap; whatever embeds the timers is the caller's. */
void timers_fini(struct timers *timers);

/* Room for `more` timers beyond those set, so that setting them cannot fail. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result timers_reserve(struct timers *timers, size_t more);

/* Sets it, or sets it anew. There must be room (timers_reserve). */
void timers_set(struct timers *timers, struct timer *timer, uint64_t at_s);
void timers_clear(struct timers *timers, struct timer *timer);

/* The earliest one if it is due, else NULL. It stays set. */
struct timer *timers_due(const struct timers *timers, uint64_t now_s);

#endif
