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
};

struct policy_verdict {
	bool is_allowed;
	uint32_t rule; /* id of the rule that decided; 0: none matched, denied by default */
};

/*
 * The first rule in order that matches decides. An allow rule does not match a caller below its
 * minimum level; a deny rule matches at every level. blob has passed policy_blob_validate(); NULL
 * (no policy yet) denies.
 */
struct policy_verdict policy_decide(const struct policy_blob *blob,
				    const struct policy_question *question);

/* Does one rule match? For explaining a verdict. */
bool policy_rule_is_matched(const struct policy_blob *blob, const struct policy_rule *rule,
			    const struct policy_question *question);

#endif
