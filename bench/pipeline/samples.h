/*
 * Figures of many bursts, and what is usual among them. A machine that others use too takes the
 * processor away in mid-burst now and then: a mean is theirs, a median or a lower quantile is ours.
 */
#ifndef SEKISHO_BENCH_PIPELINE_SAMPLES_H
#define SEKISHO_BENCH_PIPELINE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
	uint32_t *at;
	size_t count, room;
};

/* False: out of memory. */
bool samples_add(struct samples *samples, uint64_t value);

/* The value that `percent` of them do not exceed; 0 if there are none. Changes their order. */
uint32_t samples_quantile(struct samples *samples, unsigned percent);

void samples_free(struct samples *samples);

#endif
