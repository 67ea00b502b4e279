#include "controlplane/store/keeper_health.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void health_init(struct health *health)
{
	*health = (struct health){
		.state = {.is_good = true, .since_s = (uint64_t)time(NULL)},
	};
}

bool health_is_failure(enum result result)
{
	return result == RESULT_IO || result == RESULT_STALE || result == RESULT_SPACE ||
	       result == RESULT_VERSION || result == RESULT_MEMORY;
}

void health_begin(struct health *health, uint64_t now_ms)
{
	health->begun_ms = now_ms;
}

void health_look(struct health *health, uint64_t now_ms)
{
	struct keeper_state *state = &health->state;

	state->under_way_ms = health->begun_ms == 0 ? 0 : (uint32_t)(now_ms - health->begun_ms);
	if (state->under_way_ms > state->longest_ms)
		state->longest_ms = state->under_way_ms;
	if (state->under_way_ms >= HEALTH_SLOW_MS) {
		health->slow_until_ms = now_ms + HEALTH_SLOW_FOR_MS;
		state->slow_ms = state->under_way_ms;
	}
	state->is_slow = now_ms < health->slow_until_ms;
}

bool health_end(struct health *health, enum result result, const char *failure, uint64_t now_ms)
{
	struct keeper_state *state = &health->state;
	bool is_good = !health_is_failure(result), has_turned = is_good != state->is_good;
	bool is_news = has_turned || (!is_good && strcmp(state->sentence, failure) != 0);

	health_look(health, now_ms);
	health->begun_ms = 0;
	if (has_turned)
		state->since_s = (uint64_t)time(NULL);
	state->is_good = is_good;
	state->done += is_good;
	state->failed += !is_good;
	if (!is_good)
		snprintf(state->sentence, sizeof(state->sentence), "%s", failure);
	return is_news;
}
