/*
 * A figure that one thread writes and others read: added to without locking the bus, and stored so that
 * they see whole numbers.
 */
#ifndef SEKISHO_DATAPLANE_FIGURE_H
#define SEKISHO_DATAPLANE_FIGURE_H

#include <stdatomic.h>
#include <stdint.h>

static inline void figure_add(_Atomic uint64_t *figure, uint64_t more)
{
	atomic_store_explicit(figure, atomic_load_explicit(figure, memory_order_relaxed) + more,
			      memory_order_relaxed);
}

#endif
