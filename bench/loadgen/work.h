/* Jobs carried out one after the other, each told on standard output when it is done. */
#ifndef SEKISHO_BENCH_LOADGEN_WORK_H
#define SEKISHO_BENCH_LOADGEN_WORK_H

#include "bench/loadgen/applicant.h"
#include "bench/loadgen/job.h"
#include "bench/loadgen/options.h"

struct work {
	const struct options *options;
	struct terminals *terminals;
	struct wire *wire;
	struct issuer *issuer; /* of certificates for who attaches; NULL: by password */
	struct applicant *attached; /* those of the last job in which terminals attached */
	uint32_t attached_first, attached_count;
	bool is_attached; /* all of them are registered */
	uint32_t jobs; /* carried out so far, trials of a search included */
	bool is_wrong; /* something came that must not */
};

/* Carry out the job that the text names; false: it is none, or cannot be carried out. */
bool work_do(struct work *work, const char *text);

/* work_attach.c: the same for a job in which terminals attach. */
bool work_attach(struct work *work, const struct job *job);
/* Nobody is attached any more. */
void work_attached_forget(struct work *work);

#endif
