/*
 * Memory for the many small records of a table: size classes of 64 bytes cut from large chunks, so
 * that a million records cost neither headers nor page-table misses.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SLAB_H
#define SEKISHO_DATAPLANE_TABLES_SLAB_H

#include <stddef.h>

#define SLAB_CLASS_BYTES  64   /* a cache line */
#define SLAB_RECORD_BYTES 4096 /* the largest record */

struct slab;

/* One thread owns it. NULL: out of memory. */
struct slab *slab_create(void);

/* Gives all chunks back, records still out included. */
void slab_destroy(struct slab *slab);

/* bytes (1 to SLAB_RECORD_BYTES) of zeroed memory on a 64-byte boundary; NULL: out of memory. */
void *slab_take(struct slab *slab, size_t bytes);

/* record was taken with as many bytes. */
void slab_give(struct slab *slab, void *record, size_t bytes);

/* Bytes of all chunks. */
size_t slab_footprint(const struct slab *slab);

#endif
