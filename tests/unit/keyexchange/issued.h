/* Certificates for tests: a CA in a folder of its own, and whatever it, or nobody, signs. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_ISSUED_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_ISSUED_H

#include "controlplane/ca/issue.h"
#include "shared/keyexchange/trust.h"

/* When all of it happens. */
#define ISSUED_NOW_S UINT64_C(1700000000)

struct issued {
	char folder[64];
	EVP_PKEY *key; /* of the CA */
	X509 *ca;
	X509_CRL *crl;
};

void issued_make(struct issued *issued, const char *constraints);
void issued_remove(struct issued *issued);

/* What is right for a terminal and for a gateway, to be spoilt. */
struct issue_spec issued_terminal(const char *uri);
struct issue_spec issued_gateway(const char *dns);

/* A key and its certificate by the CA, or by itself. */
struct signer *issued_signer(struct issued *issued, const struct issue_spec *spec);
struct signer *issued_by_itself(struct issued *issued, const struct issue_spec *spec);
/* Likewise with a key of the caller's, and by an issuer of his. */
struct signer *issued_with(struct issued *issued, const struct issue_spec *spec, EVP_PKEY *key,
			   X509 *issuer, EVP_PKEY *issuer_key);

/* Who believes this CA; with its list, that anybody revoked so far stands on. */
struct trust *issued_trust(struct issued *issued, bool has_list);
void issued_revoke(struct issued *issued, const struct signer *signer);

/* Writes an object into a file of the folder; the path is good until the next call. */
const char *issued_write_certificate(struct issued *issued, const char *name, X509 *x509);
const char *issued_write_key(struct issued *issued, const char *name, EVP_PKEY *key);

#endif
