/*
 * The To tag of what the control plane answers itself: the same for a request sent again, without
 * memory of it (RFC 3261 8.2.7).
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_ANSWER_TAG_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_ANSWER_TAG_H

#include "shared/keyexchange/secret.h"
#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

#define ANSWER_TAG_CHARS 14

struct answer_tag {
	char at[ANSWER_TAG_CHARS];
};

/* Under the domain's persistent secret. RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result answer_tag_make(const struct secret *persistent,
					     const struct sip_message *request,
					     struct answer_tag *out);

static inline struct slice answer_tag_slice(const struct answer_tag *tag)
{
	return slice_make(tag->at, ANSWER_TAG_CHARS);
}

#endif
