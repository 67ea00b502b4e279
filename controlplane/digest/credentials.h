/* What a request says of itself to prove its sender: Digest credentials (RFC 7616 3.4, RFC 8760).
 */
#ifndef SEKISHO_CONTROLPLANE_DIGEST_CREDENTIALS_H
#define SEKISHO_CONTROLPLANE_DIGEST_CREDENTIALS_H

#include "shared/result.h"
#include "shared/slice.h"

/* Texts as written, without their quotes; what is not there is empty. */
struct digest_credentials {
	struct slice username, realm, nonce, uri, response, cnonce, nc;
};

/*
 * The value of one Proxy-Authorization line. RESULT_NOT_FOUND: another scheme or algorithm than
 * Digest with SHA-256; RESULT_BAD: malformed, a parameter twice, one missing, a quoted pair in one
 * that is compared, or no qop=auth.
 */
SEKISHO_MUST_USE enum result digest_credentials_parse(struct slice value,
						      struct digest_credentials *out);

#endif
