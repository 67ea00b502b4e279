/*
 * Terminals that attach and register: key exchange, mutual authentication by password or by
 * certificate, REGISTER through the new channel.
 */
#ifndef SEKISHO_BENCH_LOADGEN_STORM_H
#define SEKISHO_BENCH_LOADGEN_STORM_H

#include "bench/loadgen/applicant.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/wire.h"

struct storm_settings {
	struct applicant *applicants;
	uint32_t first, count; /* terminals: theirs */
	uint32_t window;       /* at most so many are under way at once; 0: all begin at once */
	double seconds;	       /* give up after so long */
	uint32_t expires;      /* asked for, seconds */
	struct plan *calls;    /* carried out meanwhile by terminals below `first`; NULL: none */
};

struct storm_outcome {
	uint32_t registered, refused;
	uint64_t sent_again;	   /* messages repeated for want of an answer */
	uint64_t begun_again;	   /* exchanges begun anew: stale cookie, no answer, put off */
	uint64_t put_off;	   /* exchanges answered with an error that is no refusal */
	unsigned last_put_off;	   /* its status */
	double seconds;		   /* until the last one was registered, or the end */
	struct histogram each;	   /* nanoseconds from a terminal's beginning to its registration */
	uint64_t complaints;	   /* answers that were not right */
	const char *last_complaint; /* NULL: none */
	struct outcome calls;	    /* what became of them */
};

/* Carry it out. All of the outcome is set. */
void storm_run(struct terminals *terminals, struct wire *wire,
	       const struct storm_settings *settings, struct storm_outcome *outcome);

#endif
