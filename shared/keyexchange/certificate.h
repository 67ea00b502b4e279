/*
 * X.509 certificates as the key exchange uses them (RFC 5280; docs/protocol.md 1.9): one leaf, its
 * names, and signatures under its key. Keys are P-256 or Ed25519, so that each signature is 64
 * bytes.
 */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_H
#define SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"

#define CERTIFICATE_SIGNATURE_BYTES 64

struct certificate;

/* CAs that a certificate may bring along. */
#define CERTIFICATE_ABOVE_MAX 4

/*
 * Exactly one certificate in DER, of a key as above, and behind it, each as it is, the CAs between
 * it and a root, of whatever key, the next above first: else RESULT_BAD. RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result certificate_parse(struct slice der, struct certificate **out);

/* The same of a PEM file. RESULT_IO: it cannot be read; RESULT_BAD as above. */
SEKISHO_MUST_USE enum result certificate_read(const char *path, struct certificate **out);

/* NULL is none. */
void certificate_destroy(struct certificate *certificate);

/* Its own, and with those of the CAs that it brought along behind it. */
struct slice certificate_der(const struct certificate *certificate);
struct slice certificate_chain(const struct certificate *certificate);

/* SHA-256 of its DER. */
const uint8_t *certificate_hash(const struct certificate *certificate);

/*
 * The subscriber that it names: the one sip: URI with a user among its subject alternative names,
 * in canonical form. RESULT_NOT_FOUND if there is none, RESULT_BAD if there are two, or it has
 * parameters, headers, a password or a port.
 */
SEKISHO_MUST_USE enum result certificate_identity(const struct certificate *certificate,
						  char aor[LIMIT_AOR_BYTES], size_t *len);

/* Is the domain one of its DNS names (no wildcards) or its URI sip:DOMAIN? */
bool certificate_has_domain(const struct certificate *certificate, struct slice domain);

/* Is the signature over the statement by its key? RESULT_DENIED if not, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result
certificate_verify(const struct certificate *certificate, struct slice statement,
		   const uint8_t signature[CERTIFICATE_SIGNATURE_BYTES]);

/* The private key that belongs to a certificate. */
struct signer;

/*
 * Certificate and key from two PEM files. RESULT_IO: one cannot be read; RESULT_BAD: not of the
 * kind above, or they do not belong together; RESULT_DENIED: the key is not its owner's alone
 * (secret_file.h); RESULT_MEMORY. why has a sentence then.
 */
SEKISHO_MUST_USE enum result signer_read(const char *certificate_path, const char *key_path,
					 struct signer **out, char *why, size_t size);
void signer_destroy(struct signer *signer);
const struct certificate *signer_certificate(const struct signer *signer);

/* RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result signer_sign(const struct signer *signer, struct slice statement,
					 uint8_t signature[CERTIFICATE_SIGNATURE_BYTES]);

#endif
