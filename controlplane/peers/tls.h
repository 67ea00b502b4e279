/* TLS 1.3 between gateways: the context both sides share, and who is at the other end. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_TLS_H
#define SEKISHO_CONTROLPLANE_PEERS_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"

#define TLS_HASH_BYTES	   32 /* SHA-256 of a certificate's DER */
#define TLS_EXPORTER_BYTES 32

/*
 * A context for both directions: TLS 1.3 only, no tickets, no 0-RTT, the other side's certificate
 * demanded, ALPN sekisho/1 or none. ca_files: all that may sign a peer; who may sign which peer is
 * tls_is_peer's to say. RESULT_BAD: a file is unusable, be it a key that is not its owner's alone
 * (secret_file.h); RESULT_MEMORY. why has a sentence then.
 */
enum result tls_context_create(const char *certificate_file, const char *key_file,
			       const char *const *ca_files, uint32_t ca_count, SSL_CTX **context,
			       char *why, size_t size) SEKISHO_MUST_USE;

/*
 * Is the other side the gateway of this domain: its chain holds under ca_file alone, its SAN has
 * the domain as DNS name? RESULT_OK or RESULT_DENIED, which sets *why, a sentence of OpenSSL's.
 */
enum result tls_is_peer(SSL *ssl, const char *ca_file, const char *domain,
			const char **why) SEKISHO_MUST_USE;

/* Does ca_file, as it is now, have a list that revokes the other side, or a CA of it? */
bool tls_is_revoked(SSL *ssl, const char *ca_file);

/* Was sekisho/1 agreed by ALPN? If not, it may be SIP (docs/protocol.md 5.2). */
bool tls_speaks_sekisho(const SSL *ssl);

/* SHA-256 of our own and of the other side's certificate. */
enum result tls_certificate_hash(const X509 *certificate,
				 uint8_t hash[TLS_HASH_BYTES]) SEKISHO_MUST_USE;

/* RFC 8446 7.5 with the label EXPORTER-sekisho-esp. */
enum result tls_export(SSL *ssl, const uint8_t *context, size_t length,
		       uint8_t out[TLS_EXPORTER_BYTES]) SEKISHO_MUST_USE;

#endif
