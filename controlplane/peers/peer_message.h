/* What gateways say to each other over TLS (docs/protocol.md 5): JSON to struct and back. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEER_MESSAGE_H
#define SEKISHO_CONTROLPLANE_PEERS_PEER_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"

#define PEER_MESSAGE_WORKERS 64 /* of one gateway, as contract_peer holds */
#define PEER_SHARE_BYTES     32
#define PEER_NONCE_BYTES     32

enum peer_message_type {
	PEER_HELLO = 1, /* both, first */
	PEER_OFFER,	/* share, nonce and SPIs of who opened the connection */
	PEER_ANSWER,	/* those of the other side; its inbound SAs stand */
	PEER_READY,	/* the opener's stand too: send on them */
	PEER_PING,
	PEER_PONG,
	PEER_WANT, /* who did not open the connection would have new keys */
};

struct peer_message {
	enum peer_message_type type;
	char domain[LIMIT_DOMAIN_BYTES + 1]; /* hello */
	uint32_t gateway;		     /* hello */
	uint32_t workers;		     /* hello: 1..PEER_MESSAGE_WORKERS */
	uint32_t epoch;			     /* offer, answer, ready: from 1 */
	uint8_t suite;			     /* offer */
	uint8_t share[PEER_SHARE_BYTES];     /* offer, answer: X25519 */
	uint8_t nonce[PEER_NONCE_BYTES];     /* offer, answer */
	uint32_t spi_count;		     /* offer, answer: one a worker of who reads it */
	uint32_t spi[PEER_MESSAGE_WORKERS];
};

/* RESULT_BAD: no JSON object of this protocol, a value missing, of the wrong type or out of range.
 */
enum result peer_message_decode(const char *at, size_t length,
				struct peer_message *message) SEKISHO_MUST_USE;

/* JSON text, malloced, its length in *length; NULL when out of memory. */
char *peer_message_encode(const struct peer_message *message, size_t *length);

#endif
