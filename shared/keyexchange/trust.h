/*
 * Whom we believe: CA certificates and revocation lists, and the judgement of a leaf under them
 * (RFC 5280 6): chain, validity, key usage, name constraints, revocation.
 */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_TRUST_H
#define SEKISHO_SHARED_KEYEXCHANGE_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/certificate.h"
#include "shared/result.h"

/* What a certificate is to be good for: clientAuth of a terminal, serverAuth of a gateway. */
enum trust_role { TRUST_TERMINAL, TRUST_GATEWAY };

struct trust;

/* The reason of who is signed by nobody known, in libcrypto's words. */
#define TRUST_NO_ISSUER "unable to get local issuer certificate"

/* CAs between a leaf and the root that is believed, at most. */
#define TRUST_DEPTH_MAX 4
#define TRUST_PATH_MAX	(TRUST_DEPTH_MAX + 1)

/* Who vouched for a certificate, as far as it takes to ask again when lists or CAs have changed. */
struct trust_path {
	uint64_t until_s; /* Unix time: when the first of them, root included, expires */
	uint64_t anchor;  /* the root; 0: there is no path */
	uint64_t certificate[TRUST_PATH_MAX]; /* the leaf and the CAs below the root; 0: no more */
};

/*
 * PEM files: the CAs (roots, and whatever stands between them and the leaves and does not come along
 * with those), and NULL or the revocation lists of every one of them, those that come along
 * included; with these a CA without a list in force is not believed.
 * RESULT_IO or RESULT_BAD with a sentence in message; RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result trust_read(const char *ca_path, const char *crl_path,
					struct trust **out, char *message, size_t size);
void trust_destroy(struct trust *trust);

/*
 * RESULT_OK with the path (which may be NULL), RESULT_MEMORY, or RESULT_DENIED with a reason for the
 * operator: a constant text, never for the peer.
 */
SEKISHO_MUST_USE enum result trust_check(const struct trust *trust,
					 const struct certificate *certificate,
					 enum trust_role role, uint64_t now_s,
					 struct trust_path *path, const char **reason);

/*
 * Why a path that was good once is no longer, times apart: one of it is revoked, or the root is none
 * of ours any more. A constant text; NULL: it is as it was.
 */
const char *trust_path_fault(const struct trust *trust, const struct trust_path *path);

#endif
