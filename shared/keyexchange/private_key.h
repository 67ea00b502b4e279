/* Private keys in PEM files. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_PRIVATE_KEY_H
#define SEKISHO_SHARED_KEYEXCHANGE_PRIVATE_KEY_H

#include <openssl/types.h>
#include <stddef.h>

#include "shared/result.h"

/*
 * The first key in it, which libcrypto wipes when EVP_PKEY_free() has it. Errors of
 * secret_file_open(), and RESULT_BAD: there is none, or one under a passphrase. why has a sentence
 * then.
 */
SEKISHO_MUST_USE enum result private_key_read(const char *path, EVP_PKEY **key, char *why,
					      size_t size);

#endif
