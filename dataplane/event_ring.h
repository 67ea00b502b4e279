/* What a worker tells the operator: events in a bounded ring, one writer, one reader, losses
 * counted. */
#ifndef SEKISHO_DATAPLANE_EVENT_RING_H
#define SEKISHO_DATAPLANE_EVENT_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct event_ring;

/* Room for `count` events, a power of two. RESULT_OK, RESULT_BAD or RESULT_MEMORY. */
enum result event_ring_create(size_t count, struct event_ring **ring) SEKISHO_MUST_USE;
void event_ring_destroy(struct event_ring *ring);

/*
 * The writer: a slot for an event of this kind, zeroed but for `kind` and `lost`, or NULL when
 * there is no room (counted in the next event's `lost`); event_ring_commit() shows it to the
 * reader. Refusals, which anybody can cause, find room in half of the ring only: a flood of them
 * costs no call its record. header and worker are filled in by the reader, the rest by the caller.
 */
struct contract_event *event_ring_begin(struct event_ring *ring, enum contract_event_kind kind);
void event_ring_commit(struct event_ring *ring);

/* The reader: the oldest one, to be looked at until event_ring_pop(), or NULL. */
struct contract_event *event_ring_front(struct event_ring *ring);
void event_ring_pop(struct event_ring *ring);

#endif
