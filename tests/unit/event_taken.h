/* The oldest event of a ring, taken out of it, as the control lcore does once it has handed it on.
 */
#ifndef SEKISHO_TESTS_EVENT_TAKEN_H
#define SEKISHO_TESTS_EVENT_TAKEN_H

#include "dataplane/event_ring.h"

/* False: there is none. */
static inline bool event_taken(struct event_ring *ring, struct contract_event *event)
{
	const struct contract_event *front = event_ring_front(ring);

	if (front == NULL)
		return false;
	*event = *front;
	event_ring_pop(ring);
	return true;
}

#endif
