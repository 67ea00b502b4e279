/*
 * So many at once, and one more each interval: the virtual schedule of ITU-T I.371's generic cell
 * rate algorithm. All that is kept is the time at which what was taken would have been earned.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_PACE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	uint32_t burst;
	uint32_t interval_ms;
};

/* Never more than a burst: what is beyond was taken before the clock was set back, and is
 * forgotten. */
static inline uint64_t pace_owed_ms(struct pace pace, uint64_t earned_ms, uint64_t now_ms)
{
	uint64_t owed_ms = earned_ms > now_ms ? earned_ms - now_ms : 0;

	return owed_ms <= (uint64_t)pace.burst * pace.interval_ms ? owed_ms : 0;
}

static inline bool pace_is_left(struct pace pace, uint64_t earned_ms, uint64_t now_ms)
{
	return pace_owed_ms(pace, earned_ms, now_ms) <=
	       (uint64_t)(pace.burst - 1) * pace.interval_ms;
}

/* Is one left? Then it is taken. */
static inline bool pace_take(struct pace pace, uint64_t *earned_ms, uint64_t now_ms)
{
	if (!pace_is_left(pace, *earned_ms, now_ms))
		return false;
	*earned_ms = now_ms + pace_owed_ms(pace, *earned_ms, now_ms) + pace.interval_ms;
	return true;
}

#endif
