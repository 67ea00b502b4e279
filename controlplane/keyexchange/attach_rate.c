#include "controlplane/keyexchange/attach_rate.h"

#include <stdlib.h>

#include "shared/keyexchange/random.h"

#define PLACES_MAX (1u << 24)

/* Sources that are counted, 8 bytes each; two that meet in one place share it. */
#define RATE_SOURCES 16384

struct attach_rate {
	struct pace pace;
	uint64_t *earned_ms; /* of each place */
	uint32_t mask;
	uint32_t seed;
};

static enum result create(uint32_t places, uint32_t seed, struct pace pace,
			  struct attach_rate **out)
{
	struct attach_rate *rate;
	uint32_t count = 1;

	if (places == 0)
		return RESULT_BAD;
	rate = calloc(1, sizeof(*rate));
	if (!rate)
		return RESULT_MEMORY;
	while (count < places && count < PLACES_MAX)
		count <<= 1;
	rate->pace = pace;
	rate->mask = count - 1;
	rate->seed = seed;
	rate->earned_ms = calloc(count, sizeof(*rate->earned_ms));
	if (!rate->earned_ms) {
		free(rate);
		return RESULT_MEMORY;
	}
	*out = rate;
	return RESULT_OK;
}

enum result attach_rate_create(uint32_t places, uint32_t seed, struct attach_rate **out)
{
	const struct pace pace = {ATTACH_RATE_BURST, ATTACH_RATE_INTERVAL_MS};

	return create(places, seed, pace, out);
}

enum result attach_rate_create_of_sources(struct pace pace, struct attach_rate **out)
{
	const struct random_source random = random_system();
	uint32_t seed;
	enum result result = random_fill(&random, &seed, sizeof(seed));

	return result == RESULT_OK ? create(RATE_SOURCES, seed, pace, out) : result;
}

void attach_rate_destroy(struct attach_rate *rate)
{
	if (!rate)
		return;
	free(rate->earned_ms);
	free(rate);
}

/* FNV-1a, its bits mixed: who shares a place with whom nobody outside can choose. */
static uint32_t place_of(const struct attach_rate *rate, struct slice subscriber)
{
	uint64_t hash = 0xcbf29ce484222325u ^ ((uint64_t)rate->seed << 32 | rate->seed);

	for (size_t i = 0; i < subscriber.len; i++)
		hash = (hash ^ (unsigned char)subscriber.at[i]) * 0x100000001b3u;
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdu;
	return (uint32_t)(hash >> 32) & rate->mask;
}

bool attach_rate_is_left(const struct attach_rate *rate, struct slice subscriber, uint64_t now_ms)
{
	return pace_is_left(rate->pace, rate->earned_ms[place_of(rate, subscriber)], now_ms);
}

bool attach_rate_take(struct attach_rate *rate, struct slice subscriber, uint64_t now_ms)
{
	return pace_take(rate->pace, &rate->earned_ms[place_of(rate, subscriber)], now_ms);
}
