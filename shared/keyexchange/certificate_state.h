/* What a certificate is made of; its source files share it, nobody else. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_STATE_H
#define SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_STATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "shared/keyexchange/certificate.h"

struct certificate {
	X509 *x509;
	EVP_PKEY *key;	  /* borrowed from x509 */
	const EVP_MD *md; /* SHA-256 with P-256, NULL with Ed25519 (RFC 8032 hashes by itself) */
	STACK_OF(X509) * above; /* CAs that came along, unproved; NULL: none */
	unsigned char *der;	/* its own, then theirs */
	size_t der_len, chain_len; /* of its own, of all */
	uint8_t hash[KDF_HASH_BYTES];
};

/* Is the key of a kind that we use? Then *md is what it signs a hash of. */
bool certificate_key_is_fit(const EVP_PKEY *key, const EVP_MD **md);

#endif
