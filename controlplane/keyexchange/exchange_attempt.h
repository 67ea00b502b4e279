/* One message 3 under judgement: its cookie, what is sealed in it, and whether it proves itself. */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_ATTEMPT_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_ATTEMPT_H

#include "controlplane/keyexchange/exchange_state.h"

/* What becomes known, step by step, on the way from message 3 to the SA. */
struct exchange_attempt {
	struct exchange_request request;
	struct cookie cookie;
	uint8_t cookie_id[COOKIE_ID_BYTES];
	uint64_t cookie_expires_ms;
	struct slice subscriber;
	uint8_t h123[KDF_HASH_BYTES];
	struct secret prk;
	uint32_t spi;			       /* the terminal's */
	struct sealed_request sealed;	       /* points into plain */
	struct sealed_certificate certificate; /* the same, by certificate */
	struct trust_path path;		       /* who vouches for it */
	char identity[LIMIT_AOR_BYTES];	       /* that it names */
	size_t identity_len;
	const char *reason;		 /* why not, for the operator; empty so far */
	struct scram_client_final final; /* points into plain */
	struct scram_verifier verifier;
	uint8_t signature[KDF_HASH_BYTES];
	/* what was sealed: in `datagram`, or in what is allocated for longer ones */
	uint8_t *plain;
	size_t plain_cap;
	uint8_t datagram[KEYEXCHANGE_SEALED_BYTES];
};

/*
 * The cookie is ours, alive, given to this source, and for this name: RESULT_DENIED or RESULT_STALE
 * if not. a->request must be set.
 */
SEKISHO_MUST_USE enum result exchange_attempt_open_cookie(const struct exchange *x,
							  const struct exchange_input *input,
							  struct exchange_attempt *a);

/* X25519, PRK and K3, and what K3 opens. RESULT_DENIED: not honest; RESULT_MEMORY. */
SEKISHO_MUST_USE enum result exchange_attempt_open_body(const struct exchange_input *input,
							const struct x25519 *own,
							struct exchange_attempt *a);

/* Wipes it all, and what is allocated. */
void exchange_attempt_forget(struct exchange_attempt *a);

/*
 * Who is it, may he, may he under this name? Every step is taken whatever the ones before said, so
 * that a wrong password, an unknown and a disabled subscriber take the same time: RESULT_DENIED for
 * all of them, and each counts against who tried. RESULT_SPACE: too many were wrong, later.
 * RESULT_IO: the store cannot tell.
 */
SEKISHO_MUST_USE enum result exchange_attempt_authenticate(struct exchange *x,
							   const struct exchange_input *input,
							   struct exchange_attempt *a);

/*
 * The same by certificate: the signature is the terminal's, the certificate holds, and the
 * subscriber that it names may attach by it. RESULT_SPACE: too many certificates, too, later.
 */
SEKISHO_MUST_USE enum result exchange_attempt_by_certificate(struct exchange *x,
							     const struct exchange_input *input,
							     struct exchange_attempt *a);

/*
 * May a->subscriber be looked at now, as he comes (failure_limit.h)? RESULT_SPACE with the
 * operator's reason: no, later. RESULT_IO.
 */
SEKISHO_MUST_USE enum result exchange_attempt_look(const struct exchange *x,
						   const struct exchange_input *input,
						   struct exchange_attempt *a);

/* If that is RESULT_DENIED it counts. What it was, or RESULT_IO. */
SEKISHO_MUST_USE enum result exchange_attempt_judged(struct exchange *x,
						     const struct exchange_input *input,
						     const struct exchange_attempt *a,
						     enum result result);

#endif
