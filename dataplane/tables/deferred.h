/*
 * Memory that readers may still look at, given back once every one of them has passed by: the
 * waiting room between "no longer found in a table" and "free" (RCU, docs/concurrency.md).
 */
#ifndef SEKISHO_DATAPLANE_TABLES_DEFERRED_H
#define SEKISHO_DATAPLANE_TABLES_DEFERRED_H

#include <stddef.h>

#include <rte_rcu_qsbr.h>

#include "shared/result.h"

struct deferred;

/* How a thing in the waiting room is freed; context is what deferred_put was given. */
typedef void deferred_free(void *context, void *memory);

/* One thread owns it: the tables' writer. readers is borrowed. NULL: out of memory. */
struct deferred *deferred_create(struct rte_rcu_qsbr *readers);

/* Frees all that waits; only when there are no readers any more. */
void deferred_destroy(struct deferred *deferred);

/*
 * Makes room for count more deferred_put: called before a table is changed, so that a change that
 * was begun can always be finished. RESULT_OK or RESULT_MEMORY.
 */
enum result deferred_reserve(struct deferred *deferred, size_t count) SEKISHO_MUST_USE;

/* memory is not reachable for new readers any more; room was reserved. NULL is nothing to free. */
void deferred_put(struct deferred *deferred, deferred_free *free_it, void *context, void *memory);

/* Frees what no reader can hold any more, never waits. How many still wait. */
size_t deferred_poll(struct deferred *deferred);

#endif
