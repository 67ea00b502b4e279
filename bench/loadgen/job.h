/* What a generator is to do, as it is written: "call rate=2000 seconds=2 spoofed=100". */
#ifndef SEKISHO_BENCH_LOADGEN_JOB_H
#define SEKISHO_BENCH_LOADGEN_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

enum job_scenario {
	JOB_MESSAGE,  /* MESSAGE, one way: delivered or lost */
	JOB_CALL,     /* INVITE, 200, ACK, BYE, 200 */
	JOB_REGISTER, /* a refresh and its 200 */
	JOB_ATTACH,   /* key exchange and registration of `terminals` from `first` on (storm.h) */
};

enum job_hostile {
	JOB_SPOOFED,  /* authentic, with another terminal's From: answered 403 */
	JOB_REPLAYED, /* a frame sent before, again */
	JOB_FORGED,   /* an ICV that does not fit */
	JOB_SCANNER,  /* SIP outside any channel */
	JOB_HOSTILES,
};

#define JOB_PER_MILLE	1000u
#define JOB_LABEL_BYTES 64

struct job {
	enum job_scenario scenario;
	double rate;	      /* requests, calls or REGISTERs a second, hostile ones included */
	double seconds;	      /* measured, after `warmup` */
	double warmup;	      /* seconds at the same rate, not counted */
	double drain;	      /* seconds at most for what is still on its way */
	uint32_t terminals;   /* that take part; 0: all there are */
	uint32_t first, window; /* of JOB_ATTACH */
	uint32_t expires;	/* likewise: seconds, what is asked for in REGISTER */
	uint32_t callers;	/* meanwhile terminals 1 to callers call each other; 0: nobody does */
	double calls;		/* so many times a second */
	uint32_t bytes;	      /* of a MESSAGE or INVITE */
	uint32_t rekeys;      /* of each terminal, all at one moment, evenly apart */
	bool is_soft;	      /* instead: when an SA's soft limit of packets is reached */
	uint32_t share[JOB_HOSTILES]; /* per mille of what is sent */
	bool is_searched;     /* for the highest rate with at most `loss` lost, from `rate` on */
	double loss, resolution, most;
	uint32_t attempts;
	char label[JOB_LABEL_BYTES]; /* repeated in the report */
};

/* Do terminals renew their keys meanwhile? */
static inline bool job_is_renewing(const struct job *job)
{
	return job->rekeys > 0 || job->is_soft;
}

/* RESULT_BAD, and in complaint (size bytes) a sentence. */
SEKISHO_MUST_USE enum result job_parse(const char *text, struct job *job, char *complaint,
				       size_t size);

const char *job_scenario_name(enum job_scenario scenario);
const char *job_hostile_name(enum job_hostile hostile);

#endif
