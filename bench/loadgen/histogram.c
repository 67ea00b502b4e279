#include "bench/loadgen/histogram.h"

#include <string.h>

#define EXACT	   (1u << HISTOGRAM_EXACT_BITS)
#define PER_MILLION 1000000u

void histogram_reset(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

/* A value of 7 + n bits falls into a bucket of 2^n values. */
static unsigned shift_of(uint64_t value)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);

	return bits > HISTOGRAM_EXACT_BITS + 1 ? bits - HISTOGRAM_EXACT_BITS - 1 : 0;
}

static unsigned bucket_of(uint64_t value)
{
	unsigned shift = shift_of(value);

	return (shift << HISTOGRAM_EXACT_BITS) + (unsigned)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t bucket_last(unsigned bucket)
{
	unsigned shift = bucket < 2 * EXACT ? 0 : (bucket >> HISTOGRAM_EXACT_BITS) - 1;
	uint64_t top = bucket - ((uint64_t)shift << HISTOGRAM_EXACT_BITS);

	return (top << shift) + ((1ull << shift) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	if (histogram->count == 0 || value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	histogram->count++;
	histogram->sum += (double)value;
	histogram->bucket[bucket_of(value)]++;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	if (other->count == 0)
		return;
	if (histogram->count == 0 || other->min < histogram->min)
		histogram->min = other->min;
	if (other->max > histogram->max)
		histogram->max = other->max;
	histogram->count += other->count;
	histogram->sum += other->sum;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->bucket[i] += other->bucket[i];
}

/* count * per_million / 1,000,000 rounded up, without running over. */
static uint64_t rank_of(uint64_t count, uint32_t per_million)
{
	uint64_t whole = count / PER_MILLION, rest = count % PER_MILLION;
	uint64_t rank = whole * per_million +
			(rest * per_million + PER_MILLION - 1) / PER_MILLION;

	return rank > 0 ? rank : 1;
}

uint64_t histogram_quantile(const struct histogram *histogram, uint32_t per_million)
{
	uint64_t rank, seen = 0;

	if (histogram->count == 0)
		return 0;
	rank = rank_of(histogram->count, per_million < PER_MILLION ? per_million : PER_MILLION);
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (seen >= rank) {
			uint64_t last = bucket_last(i);

			return last < histogram->max ? last : histogram->max;
		}
	}
	return histogram->max;
}

double histogram_mean(const struct histogram *histogram)
{
	return histogram->count > 0 ? histogram->sum / (double)histogram->count : 0;
}
