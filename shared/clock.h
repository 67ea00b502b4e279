/* Time that never goes back, for what is measured from one moment to another in this process. */
#ifndef SEKISHO_SHARED_CLOCK_H
#define SEKISHO_SHARED_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_steady_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline uint64_t clock_steady_ms(void)
{
	return clock_steady_us() / 1000;
}

#endif
