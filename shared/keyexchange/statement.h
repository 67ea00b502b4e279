/* What is signed in the exchange by certificate (docs/protocol.md 1.9). */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_STATEMENT_H
#define SEKISHO_SHARED_KEYEXCHANGE_STATEMENT_H

#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/slice.h"

/* Label, hashes, SPI. */
#define STATEMENT_BYTES 128

struct statement {
	char bytes[STATEMENT_BYTES];
	size_t len;
};

/* By the gateway, in message 2. */
struct statement statement_of_gateway(const uint8_t s12[KDF_HASH_BYTES]);

/* By the terminal, in message 3: its certificate's hash, the SPI that it wants. */
struct statement statement_of_terminal(const uint8_t h12[KDF_HASH_BYTES],
				       const uint8_t hash[KDF_HASH_BYTES], uint32_t spi);

static inline struct slice statement_slice(const struct statement *statement)
{
	return slice_make(statement->bytes, statement->len);
}

#endif
