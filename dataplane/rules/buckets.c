#include "dataplane/rules/buckets.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 4

/*
 * A bucket is one time: when it would be full again. Each taking puts it off by one share of the
 * period; farther off than the whole period it may not be.
 */
struct bucket {
	uint64_t key;
	uint64_t full_us; /* Unix time */
};

struct buckets {
	size_t mask; /* sets - 1 */
	struct bucket *bucket;
};

enum result buckets_create(size_t places, struct buckets **buckets)
{
	struct buckets *made;

	if (places < WAYS || (places & (places - 1)) != 0)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->mask = places / WAYS - 1;
	made->bucket = aligned_alloc(64, places * sizeof(*made->bucket));
	if (!made->bucket) {
		free(made);
		return RESULT_MEMORY;
	}
	memset(made->bucket, 0, places * sizeof(*made->bucket));
	*buckets = made;
	return RESULT_OK;
}

void buckets_destroy(struct buckets *buckets)
{
	if (!buckets)
		return;
	free(buckets->bucket);
	free(buckets);
}

/* His, or the one that has been full the longest. */
static struct bucket *bucket_find(struct buckets *buckets, uint64_t key)
{
	struct bucket *set = &buckets->bucket[(key & buckets->mask) * WAYS], *oldest = set;

	for (unsigned way = 0; way < WAYS; way++) {
		if (set[way].key == key && set[way].full_us != 0)
			return &set[way];
		if (set[way].full_us < oldest->full_us)
			oldest = &set[way];
	}
	*oldest = (struct bucket){.key = key};
	return oldest;
}

bool buckets_take(struct buckets *buckets, uint64_t key, uint32_t count, uint32_t period_s,
		  uint64_t now_ms)
{
	struct bucket *bucket = bucket_find(buckets, key);
	uint64_t now_us = now_ms * 1000, period_us = (uint64_t)period_s * 1000000;
	uint64_t from_us = bucket->full_us > now_us ? bucket->full_us : now_us;
	uint64_t full_us = from_us + period_us / count;

	/* A clock set back must not shut anybody out for longer than his period. */
	if (bucket->full_us > now_us + period_us)
		full_us = now_us + period_us / count;
	else if (full_us > now_us + period_us)
		return false;
	bucket->full_us = full_us;
	return true;
}
