/* Memory for keys: zeroed, filled in as it is touched, out of core dumps, wiped by its owner. */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_MEMORY_H
#define SEKISHO_DATAPLANE_TABLES_SA_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/result.h"

struct sa_memory {
	void *at;
	size_t bytes; /* as mapped */
};

/*
 * is_huge: hugepages where the system has enough of them, else transparent ones. is_locked: never
 * swapped. RESULT_OK, RESULT_MEMORY, or RESULT_IO: the system refuses to lock it (errno).
 */
enum result sa_memory_map(size_t bytes, bool is_huge, bool is_locked,
			  struct sa_memory *memory) SEKISHO_MUST_USE;
void sa_memory_unmap(struct sa_memory *memory);

#endif
