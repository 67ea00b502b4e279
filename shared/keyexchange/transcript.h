/* What an exchange is bound to: hashes of its messages as they stood in the UDP payloads. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_TRANSCRIPT_H
#define SEKISHO_SHARED_KEYEXCHANGE_TRANSCRIPT_H

#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/result.h"
#include "shared/slice.h"

/*
 * Where the one Security-Cookie line of a message's header stands, from its name to its CRLF.
 * RESULT_NOT_FOUND if there is none, RESULT_BAD if there are more, it is folded or its header
 * has no end.
 */
SEKISHO_MUST_USE enum result transcript_find_cookie_line(struct slice message, struct slice *line);

/*
 * H12 (docs/protocol.md 1.2): SHA-256(message 1, message 2 without its Security-Cookie line).
 * A message 2 without such a line is taken whole: the gateway hashes it before it writes the line.
 * RESULT_BAD as above.
 */
SEKISHO_MUST_USE enum result transcript_h12(struct slice message1, struct slice message2,
					    uint8_t out[KDF_HASH_BYTES]);

/*
 * S12, what the gateway signs (docs/protocol.md 1.9): as H12, and without the Gateway-Signature
 * line too, where there is one already.
 */
SEKISHO_MUST_USE enum result transcript_s12(struct slice message1, struct slice message2,
					    uint8_t out[KDF_HASH_BYTES]);

/* H123: SHA-256(H12, message 3). */
SEKISHO_MUST_USE enum result transcript_h123(const uint8_t h12[KDF_HASH_BYTES],
					     struct slice message3, uint8_t out[KDF_HASH_BYTES]);

#endif
