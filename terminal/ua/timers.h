/* The timers of SIP transactions over UDP (RFC 3261 17, table 4). */
#ifndef SEKISHO_TERMINAL_UA_TIMERS_H
#define SEKISHO_TERMINAL_UA_TIMERS_H

#include <stdint.h>

#define TIMER_T1_MS   500
#define TIMER_T2_MS   4000
#define TIMER_T4_MS   5000
#define TIMER_LIFE_MS (64 * TIMER_T1_MS) /* B, F, H, L; D is as long */
#define TIMER_RING_MS 180000		 /* longest a call may ring (C of a proxy, RFC 3261 16.6) */
#define TIMER_NEVER   UINT64_MAX

/* The next wait of a doubling timer that stops growing at most_ms. */
static inline uint64_t timer_double(uint64_t interval_ms, uint64_t most_ms)
{
	return 2 * interval_ms < most_ms ? 2 * interval_ms : most_ms;
}

static inline uint64_t timer_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
