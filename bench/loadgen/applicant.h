/*
 * Terminals that are to attach: each with its key share and first message, and with what SCRAM
 * derives from the password, or with a certificate of its own. All made beforehand: deriving them
 * in the run would measure the generator.
 */
#ifndef SEKISHO_BENCH_LOADGEN_APPLICANT_H
#define SEKISHO_BENCH_LOADGEN_APPLICANT_H

#include <stdint.h>

#include "bench/loadgen/issuer.h"
#include "bench/loadgen/terminals.h"
#include "shared/keyexchange/initiator.h"

/* The password of every simulated terminal, and the salt and count it is derived with. */
#define APPLICANT_PASSWORD   "storm-of-terminals"
#define APPLICANT_SALT	     "0123456789abcdef"
#define APPLICANT_ITERATIONS 4096

enum applicant_step {
	APPLICANT_READY,
	APPLICANT_ASKING,
	APPLICANT_REGISTERING,
	APPLICANT_WAITING, /* for another try, having been put off */
	APPLICANT_DONE,
	APPLICANT_REFUSED,
};

struct applicant {
	struct initiator *initiator;
	struct signer *signer; /* NULL: by password */
	uint64_t begun_tsc, step_tsc, again_tsc;
	uint32_t interval_ms;
	uint32_t renewals; /* of its keys that have been begun */
	uint8_t tries; /* exchanges begun anew */
	uint8_t step; /* enum applicant_step */
};

/*
 * Terminals first to first + count - 1; issuer NULL: by password. RESULT_MEMORY, or RESULT_IO if
 * libcrypto or the authority fails.
 */
SEKISHO_MUST_USE enum result applicants_make(const struct static_terminals *statics,
					     const struct issuer *issuer, uint32_t first,
					     uint32_t count, struct applicant **applicants);
/* Something has been sent: if nothing answers, it is sent again after T1, then after twice as long, up
 * to T2 (RFC 3261 17.1.2.2). */
void applicant_wait(struct applicant *applicant, uint64_t now_tsc, uint64_t hz);
/* It has been sent again. */
void applicant_wait_on(struct applicant *applicant, uint64_t now_tsc, uint64_t hz);
/* Nobody has answered for 64 T1: it is not sent again. */
bool applicant_is_unheard(const struct applicant *applicant, uint64_t now_tsc, uint64_t hz);

/* NULL is none. */
void applicants_free(struct applicant *applicants, uint32_t count);

#endif
