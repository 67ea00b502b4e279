/*
 * How often each of many may do something, in a table of fixed size: so many times in so many
 * seconds, all at once if they like. Who is new to the table may do it in full; he takes the place
 * of the one of his set that has rested longest. One per worker, touched by it alone.
 */
#ifndef SEKISHO_DATAPLANE_RULES_BUCKETS_H
#define SEKISHO_DATAPLANE_RULES_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

struct buckets;

/* places: a power of two, 4 at least, 16 bytes each. RESULT_OK, RESULT_BAD or RESULT_MEMORY. */
enum result buckets_create(size_t places, struct buckets **buckets) SEKISHO_MUST_USE;
void buckets_destroy(struct buckets *buckets);

/*
 * May who has this key do it once more, count times in period_s seconds (neither is 0)? Takes one
 * of them if so. now_ms: Unix time.
 */
bool buckets_take(struct buckets *buckets, uint64_t key, uint32_t count, uint32_t period_s,
		  uint64_t now_ms) SEKISHO_MUST_USE;

#endif
