/* The last events, numbered, for those who come to ask later. */
#ifndef SEKISHO_TERMINAL_AGENT_JOURNAL_H
#define SEKISHO_TERMINAL_AGENT_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#define JOURNAL_EVENTS 256

/* All zero is an empty one. */
struct journal {
	json_t *events[JOURNAL_EVENTS]; /* of number n at n % JOURNAL_EVENTS */
	uint64_t count;			/* so far; numbers are 1 .. count */
	uint64_t waited;		/* the number of the last event that a wait returned */
};

/* Takes the event over and numbers it. */
void journal_add_take(struct journal *journal, json_t *event);
void journal_clear(struct journal *journal);

/* An event by number, NULL if it is none or has been overwritten; borrowed. */
json_t *journal_get_view(const struct journal *journal, uint64_t number);

/* The first event of that name after the last one waited for, which it becomes; NULL if none. */
json_t *journal_wait_view(struct journal *journal, const char *name);

#endif
