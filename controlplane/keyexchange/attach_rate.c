#include "controlplane/keyexchange/attach_rate.h"

#include <stdlib.h>

#include "shared/keyexchange/random.h"

#define PLACES_MAX (1u << 24)

/* Sources that are counted, 8 bytes each; two that meet in one place share it. */
#define RATE_SOURCES 16384

/*
 * A place holds the time at which all that was taken would have been earned at the steady rate
 * (the virtual schedule of ITU-T I.371's generic cell rate algorithm).
 */
struct attach_rate {
	uint64_t *earned_ms;
	uint32_t mask;
	uint32_t seed;
};

enum result attach_rate_create(uint32_t places, uint32_t seed, struct attach_rate **out)
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

enum result attach_rate_create_of_sources(struct attach_rate **out)
{
	const struct random_source random = random_system();
	uint32_t seed;
	enum result result = random_fill(&random, &seed, sizeof(seed));

	return result == RESULT_OK ? attach_rate_create(RATE_SOURCES, seed, out) : result;
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

/* Earned no further ahead than a burst. */
static bool is_left(uint64_t earned_ms, uint64_t now_ms)
{
	return earned_ms <= now_ms + (uint64_t)(ATTACH_RATE_BURST - 1) * ATTACH_RATE_INTERVAL_MS;
}

bool attach_rate_is_left(const struct attach_rate *rate, struct slice subscriber, uint64_t now_ms)
{
	return is_left(rate->earned_ms[place_of(rate, subscriber)], now_ms);
}

bool attach_rate_take(struct attach_rate *rate, struct slice subscriber, uint64_t now_ms)
{
	uint64_t *earned_ms = &rate->earned_ms[place_of(rate, subscriber)];
	uint64_t from_ms = *earned_ms > now_ms ? *earned_ms : now_ms;

	if (!is_left(from_ms, now_ms))
		return false;
	*earned_ms = from_ms + ATTACH_RATE_INTERVAL_MS;
	return true;
}
