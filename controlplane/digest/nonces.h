/*
 * Nonces of Digest challenges. A nonce is a keyed text that needs no memory until it is used; it is
 * good for one use (docs/protocol.md 4), which is remembered in a table of fixed size until that
 * many newer ones have been used: older ones are stale.
 */
#ifndef SEKISHO_CONTROLPLANE_DIGEST_NONCES_H
#define SEKISHO_CONTROLPLANE_DIGEST_NONCES_H

#include <stdint.h>

#include "shared/keyexchange/random.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

#define NONCE_LIFETIME_S 300   /* from the challenge to the first use; a call's ringing after it */
#define NONCE_USES	 65536 /* remembered */
#define NONCE_CHARS	 32

struct nonces;

/* Under a key made now. RESULT_MEMORY, RESULT_IO. */
SEKISHO_MUST_USE enum result nonces_create(struct random_source random, struct nonces **nonces);
void nonces_destroy(struct nonces *nonces);

/* A new one for this source. RESULT_IO: libcrypto. */
SEKISHO_MUST_USE enum result nonces_make(struct nonces *nonces, const struct sip_address *source,
					 uint64_t now_s, char out[NONCE_CHARS]);

/* One use: what makes a retransmission of a request, an ACK and a CANCEL the same as the request.
 */
struct nonce_use {
	uint64_t request; /* hash of branch, Call-ID and CSeq number */
	uint64_t
		call; /* hash of Call-ID and CSeq number: an ACK to a 2xx has a branch of its own */
};

enum nonce_verdict {
	NONCE_RIGHT,   /* unused, or used for this very request */
	NONCE_STALE,   /* expired, forgotten, of another start: a new one is to be asked for */
	NONCE_FOREIGN, /* not ours, or another source's */
	NONCE_SPENT,   /* used for another request */
};

/* What a nonce is worth; nothing is remembered yet. is_ack: of an ACK, which only repeats a use. */
enum nonce_verdict nonces_check(const struct nonces *nonces, struct slice nonce,
				const struct sip_address *source, const struct nonce_use *use,
				bool is_ack, uint64_t now_s);

/* The credentials that held: remember the use of a nonce that nonces_check() found right. */
void nonces_spend(struct nonces *nonces, struct slice nonce, const struct nonce_use *use);

#endif
