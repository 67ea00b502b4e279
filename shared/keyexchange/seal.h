/* AES-256-GCM (NIST SP 800-38D): seals messages 3 and 4, and cookies. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SEAL_H
#define SEKISHO_SHARED_KEYEXCHANGE_SEAL_H

#include <stdint.h>

#include "shared/keyexchange/secret.h"
#include "shared/result.h"
#include "shared/slice.h"

#define SEAL_NONCE_BYTES 12
#define SEAL_TAG_BYTES	 16

/* The nonce of messages 3 and 4, whose keys are used once: zero. */
extern const uint8_t seal_nonce_zero[SEAL_NONCE_BYTES];

/* plain.len + SEAL_TAG_BYTES bytes to out: ciphertext, then tag. RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result seal_close(const struct secret *key,
					const uint8_t nonce[SEAL_NONCE_BYTES], struct slice aad,
					struct slice plain, uint8_t *out);

/*
 * Opens what seal_close made; sealed.len - SEAL_TAG_BYTES bytes to out. RESULT_BAD if it is
 * shorter than a tag, RESULT_DENIED if it is not authentic: then out holds zeros.
 */
SEKISHO_MUST_USE enum result seal_open(const struct secret *key,
				       const uint8_t nonce[SEAL_NONCE_BYTES], struct slice aad,
				       struct slice sealed, uint8_t *out);

#endif
