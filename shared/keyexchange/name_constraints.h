/* Name constraints (RFC 5280 4.2.1.10) on sip: URIs, which libcrypto does not judge. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_NAME_CONSTRAINTS_H
#define SEKISHO_SHARED_KEYEXCHANGE_NAME_CONSTRAINTS_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "shared/slice.h"

/* "abc.com" is that host and no other, ".abc.com" any host below it and not itself. */
bool name_constraint_matches(struct slice constraint, struct slice host);

/*
 * Does the leaf, first of the chain, keep to the URI constraints of every CA above it? Only a leaf
 * whose names are all sip: URIs does.
 */
bool name_constraints_hold(STACK_OF(X509) * chain);

#endif
