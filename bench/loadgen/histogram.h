/*
 * How often each value came, in buckets that are exact up to 255 and then no wider than a 128th of
 * their value: quantiles of any number of values, in memory of fixed size.
 */
#ifndef SEKISHO_BENCH_LOADGEN_HISTOGRAM_H
#define SEKISHO_BENCH_LOADGEN_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_EXACT_BITS 7 /* 2^7 buckets for each power of two */
#define HISTOGRAM_BUCKETS    ((64 - HISTOGRAM_EXACT_BITS + 1) << HISTOGRAM_EXACT_BITS)

struct histogram {
	uint64_t count;
	uint64_t min, max; /* of no value: 0 */
	double sum;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_reset(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t value);

/* As if every value of other had been added. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/*
 * The value that per_million of them do not exceed (nearest rank): never below the exact one, and
 * above it by less than a 128th. 0 if there are none.
 */
uint64_t histogram_quantile(const struct histogram *histogram, uint32_t per_million);

double histogram_mean(const struct histogram *histogram);

#endif
