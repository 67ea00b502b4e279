/* The key schedule: from the shared secret to the keys of messages 3 and 4 and of the SAs. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SCHEDULE_H
#define SEKISHO_SHARED_KEYEXCHANGE_SCHEDULE_H

#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/suites.h"
#include "shared/result.h"

#define SCHEDULE_NONCE_BYTES 32 /* Ni, Ng, N4 */

/* docs/protocol.md 1.5: d. */
enum schedule_direction {
	SCHEDULE_FROM_TERMINAL = 1, /* SPI: the gateway's */
	SCHEDULE_TO_TERMINAL = 2,   /* SPI: the terminal's */
};

/* What both directions of an SA hang on. */
struct schedule_sa {
	enum suite suite;
	uint32_t spi_terminal; /* the terminal receives on it */
	uint32_t spi_gateway;
	const uint8_t *h123; /* KDF_HASH_BYTES */
	const uint8_t *n4;   /* SCHEDULE_NONCE_BYTES */
};

/* All: RESULT_OK, or RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result schedule_prk(const uint8_t ni[SCHEDULE_NONCE_BYTES],
					  const uint8_t ng[SCHEDULE_NONCE_BYTES],
					  const struct secret *z, struct secret *prk);
SEKISHO_MUST_USE enum result schedule_k3(const struct secret *prk,
					 const uint8_t h12[KDF_HASH_BYTES], struct secret *k3);
SEKISHO_MUST_USE enum result schedule_k4(const struct secret *prk,
					 const uint8_t h123[KDF_HASH_BYTES],
					 const uint8_t n4[SCHEDULE_NONCE_BYTES], struct secret *k4);

/*
 * Key material of one direction, suite_key_bytes() of it, the rest of keys zero. RESULT_BAD if
 * there is no such suite.
 */
SEKISHO_MUST_USE enum result schedule_sa_keys(const struct secret *prk,
					      const struct schedule_sa *sa,
					      enum schedule_direction direction,
					      uint8_t keys[SUITE_KEY_BYTES]);

#endif
