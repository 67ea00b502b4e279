/* X25519 (RFC 7748): one side's private value, its public share, and what two of them make. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_X25519_H
#define SEKISHO_SHARED_KEYEXCHANGE_X25519_H

#include <stdint.h>

#include "shared/keyexchange/random.h"
#include "shared/keyexchange/secret.h"
#include "shared/result.h"

#define X25519_SHARE_BYTES 32

struct x25519; /* a private value, wiped when destroyed; for one thread at a time */

/* From a scalar of one's own (test vectors), or a random one. RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result x25519_create(const struct secret *scalar, struct x25519 **out);
SEKISHO_MUST_USE enum result x25519_generate(const struct random_source *random,
					     struct x25519 **out);
void x25519_destroy(struct x25519 *own);

/* The public share that belongs to own; valid as long as it. */
const uint8_t *x25519_share(const struct x25519 *own);

/*
 * The shared secret. RESULT_DENIED for a share of low order, zero included, which makes an
 * all-zero secret (RFC 7748 6.1).
 */
SEKISHO_MUST_USE enum result x25519_derive(const struct x25519 *own,
					   const uint8_t share[X25519_SHARE_BYTES],
					   struct secret *out);

#endif
