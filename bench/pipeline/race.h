/*
 * One worker, and several side by side on threads of their own, the port's own cost in it: messages
 * a second by the clock, and by the processor time that they had. The second is what a machine that
 * others use as well lets one know.
 */
#ifndef SEKISHO_BENCH_PIPELINE_RACE_H
#define SEKISHO_BENCH_PIPELINE_RACE_H

#include "bench/pipeline/samples.h"
#include "bench/pipeline/traffic.h"

/* Messages a second, a figure a round. */
struct race_rates {
	struct samples by_clock, by_processor;
};

struct race_samples {
	struct race_rates one;	   /* the first worker alone, on messages of its own SAs */
	struct race_rates several; /* all, each on messages of its own SAs */
	struct race_rates handoff; /* all, what comes in at one being anybody's */
	/* The same without a gateway, IPsec-MB alone: what another processor of this machine can add. */
	struct race_rates floor_one, floor_several;
};

/* One round of each; every message that came out is verified. There are dialogs enough. */
void race_round(struct traffic *traffic, struct race_samples *samples);

void race_free(struct race_samples *samples);

/* Terminals that a race needs: each dialog is in a round once, and one worker owns its share. */
#define RACE_TERMINALS 4096

#endif
