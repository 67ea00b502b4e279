/*
 * How far two cores are from one another: how long a cache line takes there and back, that each writes
 * in turn. What two processes hand each other in shared memory takes that way line by line, so what a
 * memif costs follows from it; a hypervisor may put two processors that are said to share a cache
 * where they share none.
 *
 *     bench_cores [--json] ONE-CORE OTHER-CORE
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS	  60
#define TURNS	  2000 /* in a round, there and back */
#define NS_PER_S  1000000000u
#define CORES_MAX 1024

static _Alignas(128) atomic_bool is_theirs; /* whose turn it is; alone in its line, and the next one */

static bool pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)core, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

/* Wait until the line says so, and answer. */
static void turns_take(bool mine)
{
	for (int i = 0; i < TURNS; i++) {
		while (atomic_load_explicit(&is_theirs, memory_order_acquire) != mine)
			;
		atomic_store_explicit(&is_theirs, !mine, memory_order_release);
	}
}

static void *other_run(void *argument)
{
	const int *core = argument;

	if (!pin(*core))
		exit(1); /* it was there a moment ago */
	for (int round = 0; round < ROUNDS; round++)
		turns_take(true);
	return NULL;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The quickest round: in others one of the two was not on its core all the time. */
static double quickest_ns(void)
{
	uint64_t least = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin = now_ns(), took;

		turns_take(false);
		took = now_ns() - begin;
		least = took < least ? took : least;
	}
	return (double)least / TURNS;
}

static bool core_read(const char *text, int *core)
{
	char *end;
	long number = strtol(text, &end, 10);

	*core = (int)number;
	return end != text && *end == '\0' && number >= 0 && number < CORES_MAX;
}

int main(int argc, char **argv)
{
	bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	pthread_t thread;
	double round_trip;
	int one, other;

	if (argc != 3 + is_json || !core_read(argv[1 + is_json], &one) ||
	    !core_read(argv[2 + is_json], &other) || one == other) {
		fprintf(stderr, "usage: bench_cores [--json] ONE-CORE OTHER-CORE\n");
		return 2;
	}
	/* Both are there before either waits for the other. */
	if (!pin(other) || !pin(one) || pthread_create(&thread, NULL, other_run, &other) != 0) {
		fprintf(stderr, "bench_cores: cores %d and %d cannot be had\n", one, other);
		return 1;
	}
	round_trip = quickest_ns();
	pthread_join(thread, NULL);
	printf(is_json ? "{\"round_trip_ns\": %.1f}\n" : "%.1f ns there and back\n", round_trip);
	return 0;
}
