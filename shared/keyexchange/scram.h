/* SCRAM-SHA-256's computations (RFC 5802 3, RFC 7677), the same on both sides. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SCRAM_H
#define SEKISHO_SHARED_KEYEXCHANGE_SCRAM_H

#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/result.h"
#include "shared/slice.h"

#define SCRAM_SALT_BYTES 32 /* longest salt; ours are 16 */

/* What a gateway has of a password (RFC 5802 5.1): no proof can be made from it. */
struct scram_verifier {
	uint8_t salt[SCRAM_SALT_BYTES];
	uint8_t salt_len; /* 1..SCRAM_SALT_BYTES */
	uint32_t iterations;
	struct secret stored_key;
	struct secret server_key;
};

/* What a terminal needs of a password for one salt and count. */
struct scram_keys {
	struct secret client_key;
	struct secret stored_key;
	struct secret server_key;
};

/* The three parts of AuthMessage, commas between them left out. */
struct scram_auth {
	struct slice client_first_bare;
	struct slice server_first;
	struct slice client_final_bare; /* without ",p=..." */
};

/*
 * PBKDF2 and the keys. RESULT_BAD for fewer iterations than LIMIT_SCRAM_ITERATIONS_MIN or more
 * than _MAX, an empty password or salt or one too long; RESULT_IO if libcrypto fails. The
 * password is taken as UTF-8 bytes as they are.
 */
SEKISHO_MUST_USE enum result scram_keys_derive(struct slice password, struct slice salt,
					       uint32_t iterations, struct scram_keys *out);

/* The same for the store: what is kept of a password under this salt. */
SEKISHO_MUST_USE enum result scram_verifier_derive(struct slice password, struct slice salt,
						   uint32_t iterations, struct scram_verifier *out);

/* ClientProof: ClientKey xor HMAC(StoredKey, AuthMessage). */
SEKISHO_MUST_USE enum result scram_proof_make(const struct scram_keys *keys,
					      const struct scram_auth *auth,
					      uint8_t proof[KDF_HASH_BYTES]);

/* RESULT_OK if proof was made with the password, else RESULT_DENIED, in the same time. */
SEKISHO_MUST_USE enum result scram_proof_verify(const struct secret *stored_key,
						const struct scram_auth *auth,
						const uint8_t proof[KDF_HASH_BYTES]);

/* ServerSignature: HMAC(ServerKey, AuthMessage). */
SEKISHO_MUST_USE enum result scram_signature_make(const struct secret *server_key,
						  const struct scram_auth *auth,
						  uint8_t signature[KDF_HASH_BYTES]);

#endif
