/*
 * Senders without a secure channel who prove themselves request by request (P18, level 1): Digest
 * with SHA-256 (RFC 8760), against a verifier of their own that a subscriber has only where that
 * was chosen for him. Bounded memory, none of anybody who has not proved himself.
 */
#ifndef SEKISHO_CONTROLPLANE_DIGEST_DIGEST_H
#define SEKISHO_CONTROLPLANE_DIGEST_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/digest/nonces.h"
#include "controlplane/digest/response.h"
#include "shared/keyexchange/random.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

/* A Proxy-Authenticate line with the longest realm. */
#define DIGEST_CHALLENGE_BYTES (LIMIT_DOMAIN_BYTES + 160)

struct digest;

/* What the store has of a user. */
struct digest_user {
	uint8_t verifier[DIGEST_BYTES]; /* H(username ":" realm ":" password) */
	uint8_t identity_count;
	char identity[LIMIT_BINDING_IDENTITIES][LIMIT_AOR_BYTES + 1]; /* canonical */
};

/*
 * The user whose subscriber id this is, not terminated. RESULT_NOT_FOUND: there is none, it is
 * disabled, or it has no verifier; else an error of the store.
 */
typedef enum result digest_lookup(void *ctx, struct slice username, struct digest_user *out);

SEKISHO_MUST_USE enum result digest_create(struct random_source random, digest_lookup *lookup,
					   void *ctx, struct digest **digest);
void digest_destroy(struct digest *digest);

enum digest_verdict {
	DIGEST_PROVED,	     /* From (or what stands for an anonymous one) is the user's */
	DIGEST_CHALLENGED,   /* 407, with the challenge: nothing, or nothing right, was said */
	DIGEST_WRONG_SENDER, /* 403: proved, but From is somebody else's */
	DIGEST_MALFORMED,    /* 400 */
	DIGEST_UNAVAILABLE, /* 503: the store cannot tell, or too many wrong ones came from there */
	DIGEST_DROPPED,	    /* an ACK that proves nothing */
};

struct digest_outcome {
	enum digest_verdict verdict;
	const char *reason;   /* for the operator, a constant text; NULL: nothing was wrong */
	size_t challenge_len; /* DIGEST_CHALLENGED: a header line with its CRLF */
	char challenge[DIGEST_CHALLENGE_BYTES];
};

/*
 * A request in the clear, parsed, from this source; realm is the domain we answer for. Who is wrong
 * too often is put off (failure_limit.h). RESULT_OK with an outcome, or RESULT_IO.
 */
SEKISHO_MUST_USE enum result digest_judge(struct digest *digest, const struct sip_message *request,
					  const struct sip_address *source, struct slice realm,
					  uint64_t now_s, struct digest_outcome *out);

#endif
