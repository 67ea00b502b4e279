#include "dataplane/tables/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/tables/array.h"
#include "shared/result.h"

#define CHUNK_BYTES    ARRAY_HUGE_BYTES
#define CLASSES	       (SLAB_RECORD_BYTES / SLAB_CLASS_BYTES)
#define ALIGN_UP(x, a) (((x) + (a)-1) / (a) * (a))

struct free_record {
	struct free_record *next;
};

struct chunk {
	struct chunk *next;
	char *at;
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
		array_give(chunk->at, CHUNK_BYTES);
		free(chunk);
	}
	free(slab);
}

static enum result chunk_add(struct slab *slab)
{
	struct chunk *chunk = malloc(sizeof(*chunk));
	char *at = chunk ? array_take(CHUNK_BYTES) : NULL;

	if (!at) {
		free(chunk);
		return RESULT_MEMORY;
	}
	chunk->at = at;
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
