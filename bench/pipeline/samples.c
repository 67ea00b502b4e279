#include "bench/pipeline/samples.h"

#include <stdlib.h>

bool samples_add(struct samples *samples, uint64_t value)
{
	if (samples->count == samples->room) {
		size_t room = samples->room == 0 ? 1024 : samples->room * 2;
		uint32_t *at = realloc(samples->at, room * sizeof(*at));

		if (!at)
			return false;
		samples->at = at;
		samples->room = room;
	}
	samples->at[samples->count++] = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t samples_quantile(struct samples *samples, unsigned percent)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->at, samples->count, sizeof(*samples->at), compare);
	return samples->at[(samples->count - 1) * percent / 100];
}

void samples_free(struct samples *samples)
{
	free(samples->at);
	*samples = (struct samples){0};
}
