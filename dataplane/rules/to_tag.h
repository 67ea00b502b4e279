/*
 * The To tag of our own responses (docs/protocol.md 3.6; RFC 3261 8.2.7): the same each time we
 * refuse the same request, and recognised again in the ACK.
 */
#ifndef SEKISHO_DATAPLANE_RULES_TO_TAG_H
#define SEKISHO_DATAPLANE_RULES_TO_TAG_H

#include <stdbool.h>

#include "dataplane/rules/keyed_hash.h"
#include "dataplane/rules/leg.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

#define TO_TAG_CHARS 14 /* "sk" and 9 bytes in base64url */

/* branch is of the topmost Via that is not ours. */
void to_tag_make(const struct keyed_hash_key *key, const struct leg *ingress, struct slice branch,
		 const struct sip_message *message, char out[TO_TAG_CHARS]);

/* Is the request's To tag one that we put on a response to it? */
bool to_tag_is_ours(const struct keyed_hash_key *key, const struct leg *ingress,
		    const struct sip_message *request);

#endif
