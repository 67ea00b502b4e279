/*
 * Zeroed memory for what is large in a table, its arrays and its slab's chunks: where a huge page
 * fits into it, it lies so that the system can give huge ones, since in small pages a look-up waits
 * for its page before it waits for its line.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_ARRAY_H
#define SEKISHO_DATAPLANE_TABLES_ARRAY_H

#include <stddef.h>

#define ARRAY_HUGE_BYTES ((size_t)2 << 20)

/* bytes, at least 1, on a page's boundary, on a huge page's from one of them on; NULL: out of memory. */
void *array_take(size_t bytes);

/* at was taken with as many bytes; NULL is no array. */
void array_give(void *at, size_t bytes);

#endif
