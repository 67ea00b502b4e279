/*
 * The gateway's own keys (docs/protocol.md 3.1): the domain's persistent secret, the sk keys and
 * the token keys. They are made, rotated and forgotten here, rest sealed in the store, and are
 * pushed to the data plane.
 */
#ifndef SEKISHO_CONTROLPLANE_SECRETS_SECRETS_H
#define SEKISHO_CONTROLPLANE_SECRETS_SECRETS_H

#include <stdint.h>

#include "controlplane/store/store.h"
#include "shared/contract/contract.h"
#include "shared/keyexchange/secret.h"
#include "shared/result.h"

struct secrets;

struct secrets_settings {
	struct store *store; /* borrowed */
	const char *folder;  /* where the key file is */
	const char
		*persistent_file; /* empty: the persistent secret is made and kept in the store */
	uint32_t sk_s, sk_overlap_s; /* a new key so often; the old one verifies so long after */
	uint32_t token_s, token_overlap_s;
	uint32_t activation_s; /* a new key is used so long after it was made: siblings have it then
				*/
	/* A KEY_PUT or KEY_DELETE for the data plane; borrowed. */
	void (*send)(void *ctx, const struct contract_key *key);
	void *ctx;
};

/*
 * Read the keys, make what is missing. RESULT_DENIED, RESULT_BAD, RESULT_IO, RESULT_MEMORY or an
 * error of the store; message has a sentence for the operator then.
 */
SEKISHO_MUST_USE enum result secrets_create(const struct secrets_settings *settings, uint64_t now_s,
					    struct secrets **secrets, char *message, size_t size);
void secrets_destroy(struct secrets *secrets); /* wipes */

/* From now on keys are rotated so often and verify so long after. */
void secrets_adjust(struct secrets *secrets, uint32_t sk_s, uint32_t sk_overlap_s, uint32_t token_s,
		    uint32_t token_overlap_s);

/* The domain's persistent secret, 32 bytes. Borrowed. */
const uint8_t *secrets_persistent(const struct secrets *secrets);

/* Push every key to the data plane. */
void secrets_refill(const struct secrets *secrets);

/*
 * See what siblings have made, rotate what is due and forget what has expired; to be called now and
 * then. An error of the store, or RESULT_DENIED for keys sealed under another file: nothing has
 * changed in the store, and this copy is to be thrown away; it is tried again the next time.
 */
SEKISHO_MUST_USE enum result secrets_tick(struct secrets *secrets, uint64_t now_s);

/* New sk and token keys now; the old ones verify for their overlap. RESULT_EXISTS: no id is free.
 */
SEKISHO_MUST_USE enum result secrets_rotate(struct secrets *secrets, uint64_t now_s);

/*
 * A turn: tick and rotate wait for the store, so they are called by the keeper's thread, on a copy
 * that is taken over (with what is to be told the data plane) in the loop if all went well, else
 * destroyed. One at a time. NULL: there is no memory.
 */
struct secrets *secrets_turn_begin(const struct secrets *secrets);
void secrets_turn_take(struct secrets *secrets, struct secrets *turn);

#endif
