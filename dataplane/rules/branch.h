/*
 * Our Via branch (docs/protocol.md 3.3): the same for an INVITE, its retransmissions, its CANCEL
 * and the ACK of its refusal, whatever has rotated between; and in its last eight characters where
 * the request was headed, by which a loop is told from a spiral (RFC 3261 16.3, 16.6).
 */
#ifndef SEKISHO_DATAPLANE_RULES_BRANCH_H
#define SEKISHO_DATAPLANE_RULES_BRANCH_H

#include <stdbool.h>

#include "dataplane/rules/keyed_hash.h"
#include "dataplane/rules/leg.h"
#include "dataplane/tables/text_key.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

#define BRANCH_CHARS	     27 /* "z9hG4bK", 12 characters, 8 hexadecimal digits */
#define BRANCH_ROUTING_CHARS 8

/* What a branch is made of. */
struct branch_making {
	struct keyed_hash transaction;
	uint64_t way; /* where the request was headed, by text_hash: nothing is believed by it */
};

/*
 * target is the canonical Request-URI, or as written where it has no canonical form. All of it as
 * received, before any change. The hash is the caller's to finish.
 */
void branch_begin(struct branch_making *making, const struct keyed_hash_key *key,
		  const struct sip_message *request, const struct leg *ingress,
		  const struct text_key *target);

/* The branch, once its hash is finished. */
void branch_write(const struct branch_making *making, char out[BRANCH_CHARS]);

/*
 * Is one of the Vias below the top one ours, on the same way as this branch? Ours is what has a
 * branch of our form whose routing digits are the same. Who makes some up, which anybody can, has
 * his own request refused, or one that he could as well have dropped.
 */
bool branch_is_loop(const struct sip_message *request, const char branch[BRANCH_CHARS]);

#endif
