/* Who signs the certificates of a run, and both sides' trust in it. */
#ifndef SEKISHO_BENCH_EXCHANGE_AUTHORITY_H
#define SEKISHO_BENCH_EXCHANGE_AUTHORITY_H

#include "controlplane/ca/issue.h"
#include "controlplane/registrar/uas.h"

/* When the run takes place. */
#define NOW_S INT64_C(1700000000)
#define DAY_S 86400

struct authority {
	char folder[64];
	EVP_PKEY *key;
	X509 *ca;
	struct trust *trust;
	struct signer *gateway;
	struct signer **terminals;
};

/* In a folder of its own, with a certificate for the gateway and one for each terminal. */
void authority_make(struct authority *authority, unsigned terminals);
void authority_remove(struct authority *authority, unsigned terminals);

#endif
