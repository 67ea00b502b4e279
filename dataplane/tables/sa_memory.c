#include "dataplane/tables/sa_memory.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE_BYTES (2u << 20)

static void *map(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags,
			-1, 0);

	return at == MAP_FAILED ? NULL : at;
}

enum result sa_memory_map(size_t bytes, bool is_huge, bool is_locked, struct sa_memory *memory)
{
	struct sa_memory made = {.bytes = (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES};

	if (is_huge)
		made.at = map(made.bytes, MAP_HUGETLB);
	if (made.at == NULL) {
		made.at = map(made.bytes, MAP_NORESERVE);
		if (made.at == NULL)
			return RESULT_MEMORY;
		if (is_huge)
			(void)madvise(made.at, made.bytes, MADV_HUGEPAGE); /* a wish */
	}
	if (madvise(made.at, made.bytes, MADV_DONTDUMP) != 0 ||
	    (is_locked && mlock2(made.at, made.bytes, MLOCK_ONFAULT) != 0)) {
		munmap(made.at, made.bytes);
		return RESULT_IO;
	}
	*memory = made;
	return RESULT_OK;
}

void sa_memory_unmap(struct sa_memory *memory)
{
	if (memory->at != NULL)
		munmap(memory->at, memory->bytes);
	*memory = (struct sa_memory){0};
}
