/* From two proposals to the keys of a data channel and its string (docs/protocol.md 6.2, 6.3). */
#ifndef SEKISHO_TERMINAL_CHANNEL_KEYS_H
#define SEKISHO_TERMINAL_CHANNEL_KEYS_H

#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/suites.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "terminal/channel/proposal.h"

#define KEYS_REVEAL_BYTES 32

/* Characters of the short authentication string, and of it with its hyphen and terminator. */
#define KEYS_STRING_CHARS 8
#define KEYS_STRING_BYTES (KEYS_STRING_CHARS + 2)

enum keys_direction {
	KEYS_FROM_CALLER = 1, /* SPI: the callee's */
	KEYS_FROM_CALLEE = 2, /* SPI: the caller's */
};

/* All that both sides must have seen alike. AORs are canonical. */
struct keys_context {
	struct slice call_id, caller_tag, callee_tag;
	struct slice caller, callee;
	struct slice offer, answer; /* the values of the attributes as they were on the wire */
	const uint8_t *offer_nonce, *answer_nonce;
};

struct keys {
	struct secret prk;
	uint8_t transcript[KDF_HASH_BYTES];
};

/* RESULT_SPACE for a field of more than 65,535 bytes; RESULT_IO if libcrypto fails, also below. */
SEKISHO_MUST_USE enum result keys_make(const struct keys_context *context, const struct secret *z,
				       struct keys *out);
void keys_wipe(struct keys *keys);

/* Key material of one direction in the order of 1.6. RESULT_BAD if there is no such suite. */
SEKISHO_MUST_USE enum result keys_sa(const struct keys *keys, enum keys_direction direction,
				     enum suite suite, uint32_t spi, uint8_t out[SUITE_KEY_BYTES]);

/*
 * The keys after old, from a secret of fresh shares and the two messages that had them (6.6).
 * Whoever knows old alone does not know them, nor who learns them what was before.
 */
SEKISHO_MUST_USE enum result keys_renew(const struct keys *old, const struct secret *z,
					struct slice asked, struct slice answered,
					struct keys *out);

/* SHA-256 of a label and the value that the caller reveals in his ACK. */
SEKISHO_MUST_USE enum result keys_commit(const uint8_t reveal[KEYS_REVEAL_BYTES],
					 uint8_t out[KDF_HASH_BYTES]);

/* "k7mq-2xtd", terminated. */
SEKISHO_MUST_USE enum result keys_string(const struct keys *keys,
					 const uint8_t reveal[KEYS_REVEAL_BYTES],
					 char out[KEYS_STRING_BYTES]);

#endif
