/*
 * How many certificates of terminals are verified in a second, whoever they are from, so that
 * passwords and calls go on.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_VERIFY_LIMIT_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_VERIFY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct verify_limit {
	uint32_t per_second;
	uint32_t count; /* in the second that started at since_ms */
	uint64_t since_ms;
};

static inline struct verify_limit verify_limit_make(uint32_t per_second)
{
	return (struct verify_limit){.per_second = per_second};
}

/* May one be verified now? Then it is counted. */
bool verify_limit_take(struct verify_limit *limit, uint64_t now_ms);

#endif
