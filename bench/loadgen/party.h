/* What the simulated terminals make of what comes to them: judge it, count it, answer it. */
#ifndef SEKISHO_BENCH_LOADGEN_PARTY_H
#define SEKISHO_BENCH_LOADGEN_PARTY_H

#include "bench/loadgen/check.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/pauses.h"
#include "bench/loadgen/wire.h"

struct renewal;

struct party {
	struct terminals *terminals;
	struct plan *plan;
	struct check check;
	struct wire *wire;
	struct outcome *outcome;
	struct renewal *renewal; /* has its own messages among those that come; NULL: none */
	uint64_t begin_tsc; /* when the first one was due */
	double tsc_each;    /* from one to the next */
	double ns_per_tsc;
	struct pauses pauses;
	int64_t not_back; /* frames that were sent before it began and never came back */
};

/* When a message of the plan is due. */
static inline double party_due(const struct party *party, uint32_t index)
{
	return (double)party->begin_tsc + (double)index * party->tsc_each;
}

/* A frame came in at this time. */
void party_take(struct party *party, uint8_t *frame, size_t length, uint64_t now_tsc);

#endif
