/*
 * Terminals that renew their keys while messages flow: the exchange inside the SA (docs/protocol.md
 * 1.8), the new SA sent by as soon as it is there, what comes by the old one still taken.
 */
#ifndef SEKISHO_BENCH_LOADGEN_RENEWAL_H
#define SEKISHO_BENCH_LOADGEN_RENEWAL_H

#include "bench/loadgen/applicant.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/wire.h"

struct renewal_settings {
	struct terminals *terminals;
	struct wire *wire;
	struct applicant *applicants; /* of terminals 1 to count; attached */
	uint32_t count;
	uint32_t times; /* of each, all at one moment, evenly apart; 0: when an SA's soft limit of
			 * packets is reached, either way */
};

struct renewal {
	struct renewal_settings settings;
	struct outcome *outcome; /* for what is not right */
	uint64_t begin_tsc, sweep_tsc, hz;
	double apart_tsc; /* from one moment to the next */
	uint32_t swept;	  /* the sweep that is under way comes to this one next */
	/* What became of it. */
	uint64_t begun, done;
	uint64_t sent_again;  /* messages repeated for want of an answer */
	uint64_t begun_again; /* exchanges begun anew: refused for now, a stale cookie, no answer */
	struct histogram each; /* nanoseconds of an exchange, from its beginning to its new keys */
};

/* It begins with this plan; complaints go to the plan's outcome. settings: set before. */
void renewal_begin(struct renewal *renewal, const struct plan *plan, struct outcome *outcome);

/* Whoever is due begins, whoever has waited too long for an answer asks again. */
void renewal_go_on(struct renewal *renewal, uint64_t now_tsc);

/* A message has come to a terminal: was it for an exchange? */
bool renewal_take(struct renewal *renewal, const struct frame_in *in, uint64_t now_tsc);

/* All agreed moments are over, and nothing that was begun is under way. */
bool renewal_is_complete(const struct renewal *renewal);

/* How many there must have been: 0 if nothing was agreed. */
static inline uint64_t renewal_wanted(const struct renewal *renewal)
{
	return (uint64_t)renewal->settings.times * renewal->settings.count;
}

/* As an object of the report. */
json_t *renewal_json(const struct renewal *renewal);

/* A line for people. */
void renewal_print(const struct renewal *renewal, FILE *to);

#endif
