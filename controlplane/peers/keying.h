/* One side's part in keying an epoch, and the key of each SA that comes of it (protocol 5). */
#ifndef SEKISHO_CONTROLPLANE_PEERS_KEYING_H
#define SEKISHO_CONTROLPLANE_PEERS_KEYING_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peer_message.h"
#include "controlplane/peers/tls.h"
#include "shared/contract/contract.h"
#include "shared/keyexchange/secret.h"
#include "shared/keyexchange/x25519.h"
#include "shared/result.h"

/* Secret from keying_start until keying_wipe. */
struct keying {
	uint32_t epoch;
	uint8_t suite;
	struct x25519 *own;
	uint8_t share[PEER_SHARE_BYTES];
	uint8_t nonce[PEER_NONCE_BYTES];
	struct secret prk; /* after keying_agree */
};

/* A fresh share and nonce. RESULT_IO: no randomness. */
enum result keying_start(uint32_t epoch, uint8_t suite, struct keying *keying) SEKISHO_MUST_USE;

/*
 * With the other side's share and nonce, and the connection's exporter, get to the secret both
 * share. RESULT_DENIED: a low-order share (RFC 7748 6.1).
 */
enum result keying_agree(struct keying *keying, SSL *ssl, const struct peer_message *other,
			 bool is_offerer) SEKISHO_MUST_USE;

/*
 * Key and salt of the SA from the gateway with certificate hash `sender` to that with `receiver`,
 * of the sender's worker, under this SPI. out: CONTRACT_SA_KEY_BYTES, the rest zero.
 */
enum result keying_sa_key(const struct keying *keying, const uint8_t sender[TLS_HASH_BYTES],
			  const uint8_t receiver[TLS_HASH_BYTES], uint8_t worker, uint32_t spi,
			  uint8_t out[CONTRACT_SA_KEY_BYTES]) SEKISHO_MUST_USE;

/* The secrets go; epoch, suite, share and nonce, which the other side is told, stay. */
void keying_wipe(struct keying *keying);

#endif
