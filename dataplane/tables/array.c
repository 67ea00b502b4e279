#include "dataplane/tables/array.h"

#include <stdint.h>

#include <sys/mman.h>

static char *map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static size_t whole_pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

/* A huge page more is mapped, and of its two ends given back what lies before and behind. */
static char *map_aligned(size_t bytes)
{
	char *mapping = map(bytes + ARRAY_HUGE_BYTES);
	size_t before;

	if (!mapping)
		return NULL;
	before = -(uintptr_t)mapping & (ARRAY_HUGE_BYTES - 1);
	if (before > 0)
		munmap(mapping, before);
	if (before < ARRAY_HUGE_BYTES)
		munmap(mapping + before + bytes, ARRAY_HUGE_BYTES - before);
	/* Without huge pages it is only slower: nothing to do about a refusal. */
	(void)madvise(mapping + before, bytes, MADV_HUGEPAGE);
	return mapping + before;
}

void *array_take(size_t bytes)
{
	size_t whole = whole_pages(bytes);

	return whole < ARRAY_HUGE_BYTES ? map(whole) : map_aligned(whole);
}

void array_give(void *at, size_t bytes)
{
	if (at)
		munmap(at, whole_pages(bytes));
}
