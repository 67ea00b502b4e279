/* SHA-256, HMAC and HKDF (RFC 6234, 2104, 5869) as docs/protocol.md 1.5 uses them. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_KDF_H
#define SEKISHO_SHARED_KEYEXCHANGE_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "shared/keyexchange/secret.h"
#include "shared/result.h"
#include "shared/slice.h"

#define KDF_HASH_BYTES 32

/* Longest info of kdf_expand, bytes: a label, a hash, a nonce and some numbers. */
#define KDF_INFO_BYTES 256

/* SHA-256 of parts put one after the other. RESULT_IO if libcrypto fails, here and below. */
SEKISHO_MUST_USE enum result kdf_hash(const struct slice *parts, size_t count,
				      uint8_t out[KDF_HASH_BYTES]);

/* HMAC-SHA-256 of parts put one after the other; the key is of any length. */
SEKISHO_MUST_USE enum result kdf_hmac(struct slice key, const struct slice *parts, size_t count,
				      uint8_t out[KDF_HASH_BYTES]);

/* HKDF-Extract (RFC 5869 2.2). */
SEKISHO_MUST_USE enum result kdf_extract(struct slice salt, struct slice input, struct secret *prk);

/*
 * HKDF-Expand (RFC 5869 2.3): len bytes, at most 255 * 32, into out. info is at most
 * KDF_INFO_BYTES; more of either is RESULT_SPACE.
 */
SEKISHO_MUST_USE enum result kdf_expand(const struct secret *prk, struct slice info, uint8_t *out,
					size_t len);

#endif
