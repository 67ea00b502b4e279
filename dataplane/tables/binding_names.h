/*
 * Bindings by the name that their legs have (docs/protocol.md 3.2): how a gateway finds a terminal
 * that a sibling knew under another index. Two terminals in four thousand million share a name, so
 * whoever asks looks at more than it.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_BINDING_NAMES_H
#define SEKISHO_DATAPLANE_TABLES_BINDING_NAMES_H

#include <stdatomic.h>
#include <stdint.h>

#include "shared/result.h"

/* How many of one bucket a reader looks at before it gives up. */
#define BINDING_NAMES_STEPS 64

/*
 * Chains of binding indices, linked by index: no memory is made or freed after the start. A reader
 * that is in a chain while one of its links moves to another may go astray there, and finds
 * nothing.
 */
struct binding_names {
	_Atomic uint32_t *head; /* by bucket; 0: none */
	_Atomic uint32_t *next; /* by binding index */
	uint32_t mask;		/* buckets - 1 */
};

/* For indices 1..capacity-1. RESULT_OK or RESULT_MEMORY. */
enum result binding_names_init(struct binding_names *names, uint32_t capacity) SEKISHO_MUST_USE;
void binding_names_fini(struct binding_names *names);

/* Writer: index, which is in no chain, is to be found under name. */
void binding_names_add(struct binding_names *names, uint32_t name, uint32_t index);
/* Writer: and no longer. */
void binding_names_remove(struct binding_names *names, uint32_t name, uint32_t index);

/* Readers: the first index of a bucket, and the one after index; 0: none. */
static inline uint32_t binding_names_first(const struct binding_names *names, uint32_t name)
{
	return atomic_load_explicit(&names->head[name & names->mask], memory_order_acquire);
}

static inline uint32_t binding_names_next(const struct binding_names *names, uint32_t index)
{
	return atomic_load_explicit(&names->next[index], memory_order_acquire);
}

#endif
