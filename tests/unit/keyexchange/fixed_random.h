/* A random source that gives out what a test has put in, in order, and fails the test after. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_FIXED_RANDOM_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_FIXED_RANDOM_H

#include <stdint.h>
#include <string.h>

#include "shared/keyexchange/random.h"
#include "shared/slice.h"

#define FIXED_RANDOM_PARTS 16

struct fixed_random {
	struct slice part[FIXED_RANDOM_PARTS];
	size_t count, next;
};

/* Each call takes one part, whose length has to be the one asked for. */
static inline enum result fixed_random_fill(void *context, void *out, size_t len)
{
	struct fixed_random *fixed = context;

	if (fixed->next == fixed->count || fixed->part[fixed->next].len != len)
		return RESULT_IO;
	memcpy(out, fixed->part[fixed->next++].at, len);
	return RESULT_OK;
}

static inline struct random_source fixed_random_source(struct fixed_random *fixed)
{
	return (struct random_source){.fill = fixed_random_fill, .context = fixed};
}

#endif
