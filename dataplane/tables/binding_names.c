#include "dataplane/tables/binding_names.h"

#include <stdlib.h>
#include <string.h>

enum result binding_names_init(struct binding_names *names, uint32_t capacity)
{
	uint32_t buckets = 1;

	while (buckets < capacity)
		buckets *= 2;
	names->mask = buckets - 1;
	names->head = calloc(buckets, sizeof(*names->head));
	names->next = calloc(capacity, sizeof(*names->next));
	if (names->head && names->next)
		return RESULT_OK;
	binding_names_fini(names);
	return RESULT_MEMORY;
}

void binding_names_fini(struct binding_names *names)
{
	free(names->head);
	free(names->next);
	memset(names, 0, sizeof(*names));
}

void binding_names_add(struct binding_names *names, uint32_t name, uint32_t index)
{
	_Atomic uint32_t *head = &names->head[name & names->mask];

	atomic_store_explicit(&names->next[index],
			      atomic_load_explicit(head, memory_order_relaxed),
			      memory_order_release);
	atomic_store_explicit(head, index, memory_order_release);
}

void binding_names_remove(struct binding_names *names, uint32_t name, uint32_t index)
{
	_Atomic uint32_t *at = &names->head[name & names->mask];

	for (;;) {
		uint32_t there = atomic_load_explicit(at, memory_order_relaxed);

		if (there == 0)
			return;
		if (there == index)
			break;
		at = &names->next[there];
	}
	atomic_store_explicit(at, atomic_load_explicit(&names->next[index], memory_order_relaxed),
			      memory_order_release);
}
