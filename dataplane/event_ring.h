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
 * The writer: a slot to fill in, zeroed but for `lost`, or NULL when the ring is full (counted in
 * the next event's `lost`); event_ring_commit() shows it to the reader. header and time_ms are
 * filled in by the reader and by the caller respectively.
 */
struct contract_event *event_ring_begin(struct event_ring *ring);
void event_ring_commit(struct event_ring *ring);

/* The reader: copies the oldest one out; false when there is none. */
bool event_ring_take(struct event_ring *ring, struct contract_event *event);

#endif
