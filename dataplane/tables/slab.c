#include "dataplane/tables/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include "shared/result.h"

#define CHUNK_BYTES    (2u << 20) /* one huge page, where the system gives one */
#define CLASSES	       (SLAB_RECORD_BYTES / SLAB_CLASS_BYTES)
#define ALIGN_UP(x, a) (((x) + (a)-1) / (a) * (a))

struct free_record {
	struct free_record *next;
};

struct chunk {
	struct chunk *next;
	void *mapping;
	size_t mapping_bytes;
};

struct slab {
	struct free_record *free_list[CLASSES];
	struct chunk *chunks;
	char *at; /* rest of the newest chunk */
	size_t rest;
	size_t footprint;
};

struct slab *slab_create(void)
{
	return calloc(1, sizeof(struct slab));
}

void slab_destroy(struct slab *slab)
{
	if (!slab)
		return;
	while (slab->chunks) {
		struct chunk *chunk = slab->chunks;

		slab->chunks = chunk->next;
		munmap(chunk->mapping, chunk->mapping_bytes);
		free(chunk);
	}
	free(slab);
}

/* Twice the size is mapped and the ends given back, so that the chunk lies on its own boundary. */
static char *chunk_map(struct chunk *chunk)
{
	size_t whole = 2 * (size_t)CHUNK_BYTES;
	char *mapping =
		mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (mapping == MAP_FAILED)
		return NULL;
	before = (CHUNK_BYTES - (size_t)mapping % CHUNK_BYTES) % CHUNK_BYTES;
	if (before > 0)
		munmap(mapping, before);
	if (before < CHUNK_BYTES)
		munmap(mapping + before + CHUNK_BYTES, CHUNK_BYTES - before);
	chunk->mapping = mapping + before;
	chunk->mapping_bytes = CHUNK_BYTES;
	/* Without huge pages it is only slower: nothing to do about a refusal. */
	(void)madvise(chunk->mapping, CHUNK_BYTES, MADV_HUGEPAGE);
	return chunk->mapping;
}

static enum result chunk_add(struct slab *slab)
{
	struct chunk *chunk = malloc(sizeof(*chunk));
	char *at = chunk ? chunk_map(chunk) : NULL;

	if (!at) {
		free(chunk);
		return RESULT_MEMORY;
	}
	chunk->next = slab->chunks;
	slab->chunks = chunk;
	slab->at = at;
	slab->rest = CHUNK_BYTES;
	slab->footprint += CHUNK_BYTES;
	return RESULT_OK;
}

void *slab_take(struct slab *slab, size_t bytes)
{
	size_t rounded = ALIGN_UP(bytes, (size_t)SLAB_CLASS_BYTES);
	struct free_record **list;
	void *record;

	assert(bytes >= 1 && bytes <= SLAB_RECORD_BYTES);
	list = &slab->free_list[rounded / SLAB_CLASS_BYTES - 1];
	if (*list) {
		record = *list;
		*list = (*list)->next;
		memset(record, 0, rounded);
		return record;
	}
	if (slab->rest < rounded && chunk_add(slab) != RESULT_OK)
		return NULL;
	record = slab->at;
	slab->at += rounded;
	slab->rest -= rounded;
	return record;
}

void slab_give(struct slab *slab, void *record, size_t bytes)
{
	size_t class = ALIGN_UP(bytes, (size_t)SLAB_CLASS_BYTES) / SLAB_CLASS_BYTES - 1;
	struct free_record *given = record;

	assert(class < CLASSES);
	given->next = slab->free_list[class];
	slab->free_list[class] = given;
}

size_t slab_footprint(const struct slab *slab)
{
	return slab->footprint;
}
