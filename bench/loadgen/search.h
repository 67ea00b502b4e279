/*
 * The search for the highest rate that meets a limit of loss (RFC 2544 26.1, RFC 8219 7.1): up by
 * halves until a rate fails, then halving the interval between the best that passed and the lowest
 * that failed. A rate that fails is tried again: on a machine that others use too, one loss may be
 * theirs. The search only says what to try next: it measures nothing itself.
 */
#ifndef SEKISHO_BENCH_LOADGEN_SEARCH_H
#define SEKISHO_BENCH_LOADGEN_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct search_limits {
	double floor, ceiling;	/* rates it stays between, a second; 0 < floor < ceiling */
	double first;		/* where it begins */
	double resolution;	/* ends when the interval is that share of the rate, e.g. 0.02 */
	double accepted_loss;	/* share of what was sent that may be lost: 0 for the NDR */
	unsigned attempts;	/* a rate has failed when it failed so often; at least 1 */
};

struct search {
	struct search_limits limits;
	double passed, failed; /* 0: none did yet */
	double now;	       /* the rate being tried */
	unsigned failures;     /* of that rate */
	unsigned trials;
	bool is_done;
};

struct search search_begin(const struct search_limits *limits);

/* The rate to try; 0 when the search is over. */
double search_rate(const struct search *search);

/* What became of a trial at that rate. sent and lost as counted; a trial of nothing has failed. */
void search_note(struct search *search, uint64_t sent, uint64_t lost);

/* The rate found; 0: not even the floor passed. */
double search_found(const struct search *search);

#endif
