/*
 * The verdict of a compiled policy on one request (P7, signalling 6): the one evaluation that the
 * data plane's path and the control plane's `policy test` share. Pure; no allocation.
 */
#ifndef SEKISHO_SHARED_CONTRACT_POLICY_DECIDE_H
#define SEKISHO_SHARED_CONTRACT_POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/contract/policy_blob.h"
#include "shared/sip/method.h"
#include "shared/slice.h"

/* Who calls, or who is called. Texts are canonical (sip_uri_canonical_aor()). */
struct policy_subject {
	struct slice aor;    /* user@host */
	struct slice domain; /* its host; empty for tel: and other names without one */
	const uint32_t *group;
	size_t group_count;
};

struct policy_question {
	struct policy_subject caller;
	struct policy_subject callee;
	/*
	 * Is the callee one of our own domains? If not, only rules whose callee is any or a domain
	 * are looked at: who he is, is his own gateway's to judge, alike for all of his domain.
	 */
	bool is_callee_ours;
	enum sip_method
		method;	      /* for ACK and CANCEL: SIP_METHOD_INVITE, whose verdict they share */
	uint8_t caller_level; /* 0..3, of the link the request came by */
	bool is_past; /* of an INVITE that was judged before: hours do not count any more */
	uint64_t now_s; /* Unix time */
};

struct policy_verdict {
	bool is_allowed;
	uint32_t rule; /* id of the rule that decided; 0: none matched, denied by default */
};

/* Why a rule does not match, the first of them; POLICY_FITS: it matches. */
enum policy_fit {
	POLICY_FITS,
	POLICY_OTHER_CALLER,
	POLICY_OTHER_CALLEE,
	POLICY_OTHER_METHOD,
	POLICY_OTHER_LEVEL,
	POLICY_OTHER_TIME,
};

/* What a rule's patterns say is said by the set of patterns, not here: they count as matched. */
enum policy_fit policy_rule_fit(const struct policy_blob *blob, const struct policy_rule *rule,
				const struct policy_question *question);

static inline bool policy_rule_is_matched(const struct policy_blob *blob,
					  const struct policy_rule *rule,
					  const struct policy_question *question)
{
	return policy_rule_fit(blob, rule, question) == POLICY_FITS;
}

/* The bit of a rule, by its place in the blob. */
static inline bool policy_rule_is_found(const uint64_t *found, uint32_t rule)
{
	return found && (found[rule / 64] >> rule % 64 & 1) != 0;
}

/*
 * The first rule in order that matches decides; limits are passed over. found has a bit for each
 * rule whose patterns were found in the request's text (policy_text.h); NULL: none. blob has passed
 * policy_blob_validate(); NULL (no policy yet) denies.
 */
struct policy_verdict policy_decide(const struct policy_blob *blob,
				    const struct policy_question *question, const uint64_t *found);

/* The first limit in order that holds for this caller and method now; NULL: none. */
const struct policy_rule *policy_limit(const struct policy_blob *blob,
				       const struct policy_question *question,
				       const uint64_t *found);

#endif
