/* What trust is made of; its source files share it, nobody else. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_TRUST_STATE_H
#define SEKISHO_SHARED_KEYEXCHANGE_TRUST_STATE_H

#include <openssl/x509_vfy.h>

#include "shared/keyexchange/trust.h"

/* A list and the CA that has signed it. */
struct list {
	X509_CRL *crl;	    /* both borrowed from the store */
	const X509 *issuer; /* NULL: a CA that who comes sends along; verified when it is used */
};

/* In rising order. */
struct ids {
	uint64_t *at;
	size_t count;
};

struct trust {
	X509_STORE *store;
	struct list *lists; /* verified when they were read */
	int list_count;
	struct ids revoked, anchors;
};

/* Fills in `revoked` and `anchors`. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result trust_path_index(struct trust *trust);

/* A verified chain, leaf first, root last. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result trust_path_take(STACK_OF(X509) * chain, struct trust_path *out);

#endif
