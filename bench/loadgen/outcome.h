/* What became of a job: counts that add up, times, and what was wrong. */
#ifndef SEKISHO_BENCH_LOADGEN_OUTCOME_H
#define SEKISHO_BENCH_LOADGEN_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "bench/loadgen/histogram.h"
#include "bench/loadgen/plan.h"

#define OUTCOME_COMPLAINTS 16

struct outcome_complaint {
	const char *sentence;
	uint64_t count;
};

struct outcome {
	/* Of the measured part: sent, and of those what came to its right end. */
	uint64_t offered[PLAN_KINDS], completed[PLAN_KINDS];
	uint64_t lost;	    /* legitimate ones offered and not completed */
	uint64_t warm_lost; /* the same of the warm-up */
	uint64_t escaped;   /* hostile ones of which something came through */
	uint64_t delivered; /* messages of the whole job that came out right, answers included */
	uint64_t overtaken; /* numbers that came behind a higher one */
	uint64_t refused;   /* legitimate ones answered with an error */
	uint64_t port_full; /* times a frame was due and the wire took none: the gateway is slower */
	uint64_t belated;   /* messages of a job before this one */
	uint64_t unanswered; /* answers of ours that found no room: the generator's own fault */
	struct outcome_complaint complaint[OUTCOME_COMPLAINTS];
	unsigned complaint_kinds;
	uint64_t complaints;
	/* Nanoseconds. From when a request was due until it, or its answer, was there. */
	struct histogram delivery, answer, lateness;
	struct histogram spared; /* of the deliveries those that no pause of ours has to do with */
	struct histogram pauses; /* of ours (pauses.h) */
	double rate;	     /* as planned, a second */
	double seconds;	     /* of the measured part, as planned */
	double sent_seconds; /* of the whole, as it went */
	double planned_seconds;
	double busy;	 /* share of the time in which the generator had something to do */
	bool is_shortened;
};

void outcome_complain(struct outcome *outcome, const char *sentence);

/*
 * Was the rate not kept up: did sending take more than a hundredth longer than planned, or did
 * answers find no room? Such a trial has failed, whoever was too slow.
 */
bool outcome_is_behind(const struct outcome *outcome);

/* Was it the generator that was too slow, the wire having had room all the time? */
bool outcome_is_generator_bound(const struct outcome *outcome);

/* Sent a second, over the whole job as it went; 0 for less than two. */
double outcome_sent_rate(const struct outcome *outcome);

/* Legitimate ones of the measured part. */
uint64_t outcome_offered(const struct outcome *outcome);

/* As an object of the report; for the job's label and words see sekisho-loadgen(1). */
json_t *outcome_json(const struct outcome *outcome, const struct job *job);

/* Of one histogram: how many, the least, the most, the mean and the quantiles, in microseconds. */
json_t *outcome_times_json(const struct histogram *histogram);

/* A few lines for people. */
void outcome_print(const struct outcome *outcome, const struct job *job, FILE *to);

#endif
