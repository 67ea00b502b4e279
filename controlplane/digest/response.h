/* What Digest with SHA-256 computes (RFC 7616 3.4, RFC 8760). */
#ifndef SEKISHO_CONTROLPLANE_DIGEST_RESPONSE_H
#define SEKISHO_CONTROLPLANE_DIGEST_RESPONSE_H

#include <stdint.h>

#include "controlplane/digest/credentials.h"
#include "shared/result.h"

#define DIGEST_BYTES	 32
#define DIGEST_HEX_CHARS (2 * DIGEST_BYTES)

/* SHA-256 of up to six parts with a colon between each two. RESULT_IO if libcrypto fails, here and
 * below. */
SEKISHO_MUST_USE enum result digest_hash(const struct slice *parts, size_t count,
					 uint8_t out[DIGEST_BYTES]);

/* H(username ":" realm ":" password): all that is kept of a password. */
SEKISHO_MUST_USE enum result digest_verifier_make(struct slice username, struct slice realm,
						  struct slice password, uint8_t out[DIGEST_BYTES]);

/* The right response to what was said, of a request of this method, in hexadecimal. */
SEKISHO_MUST_USE enum result digest_response_make(const struct digest_credentials *said,
						  struct slice method,
						  const uint8_t verifier[DIGEST_BYTES],
						  char out[DIGEST_HEX_CHARS]);

#endif
