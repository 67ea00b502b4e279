/*
 * How long at a time a core that does nothing but look at the clock was not its own: interrupts,
 * other processes, and what the hypervisor took. A latency measured on the machine has this in it.
 *
 *     bench_pauses [--json] [SECONDS]      1
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/loadgen/histogram.h"

#define SECONDS_MAX 3600.0
#define NS_PER_S    1000000000u

/* Between two looks at the clock pass some ten nanoseconds; what takes longer than this is somebody
 * else's doing. */
#define PAUSE_NS 2000u

struct found {
	struct histogram pauses;
	uint64_t whole_ns, paused_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void spin(double seconds, struct found *found)
{
	uint64_t begin = now_ns(), last = begin, now = begin;
	uint64_t end = begin + (uint64_t)(seconds * NS_PER_S);

	while (now < end) {
		now = now_ns();
		if (now - last > PAUSE_NS) {
			histogram_add(&found->pauses, now - last);
			found->paused_ns += now - last;
		}
		last = now;
	}
	found->whole_ns = now - begin;
}

int main(int argc, char **argv)
{
	static struct found found;
	bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	double seconds = argc > 1 + is_json ? strtod(argv[1 + is_json], NULL) : 1;
	double share, longest_us;

	if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
		fprintf(stderr, "usage: bench_pauses [--json] [SECONDS]\n");
		return 2;
	}
	spin(seconds, &found);
	share = (double)found.paused_ns / (double)found.whole_ns;
	longest_us = (double)found.pauses.max / 1e3;
	if (is_json)
		printf("{\"share\": %.6f, \"pauses\": %" PRIu64 ", \"longest_us\": %.1f}\n", share,
		       found.pauses.count, longest_us);
	else
		printf("%.2f %% of the time in %" PRIu64 " pauses, the longest %.1f us\n",
		       100 * share, found.pauses.count, longest_us);
	return 0;
}
