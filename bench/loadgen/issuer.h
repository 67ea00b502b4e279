/*
 * Certificates for simulated terminals, made by the authority that `sekishoctl ca init` left in a
 * folder. Whoever simulates terminals has their CA.
 */
#ifndef SEKISHO_BENCH_LOADGEN_ISSUER_H
#define SEKISHO_BENCH_LOADGEN_ISSUER_H

#include "shared/keyexchange/certificate.h"
#include "shared/keyexchange/trust.h"

struct issuer;

/* RESULT_IO or RESULT_BAD: there is no such authority; why has gone to stderr. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result issuer_open(const char *folder, const char *domain,
					 struct issuer **issuer);
/* NULL is none. What it wrote into the folder is removed. */
void issuer_close(struct issuer *issuer);

/* A key and a certificate of its own for this terminal (t1@bench.example), good for a day.
 * RESULT_IO, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result issuer_make(const struct issuer *issuer, const char *aor,
					 struct signer **signer);

/* Whom the terminals believe: the same authority. */
const struct trust *issuer_trust(const struct issuer *issuer);

/* The gateway's certificate, DOMAIN.pem in the folder, which terminals know from an earlier
 * attachment. Empty if it is not there: they are shown it. */
struct slice issuer_gateway(const struct issuer *issuer);

#endif
