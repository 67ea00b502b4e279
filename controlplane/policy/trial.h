/* `policy test`: what the policy in the store says of a call, and by which rule. */
#ifndef SEKISHO_CONTROLPLANE_POLICY_TRIAL_H
#define SEKISHO_CONTROLPLANE_POLICY_TRIAL_H

#include "controlplane/policy/compile.h"
#include "shared/contract/policy_decide.h"

struct policy_trial {
	const char *caller; /* canonical AORs */
	const char *callee;
	enum sip_method method;
	uint8_t caller_level;
	bool is_callee_ours; /* is its domain one of ours? */
};

/* With the groups of both from the store. */
SEKISHO_MUST_USE enum result policy_trial_run(struct store *store,
					      const struct policy_compiled *compiled,
					      const struct policy_trial *trial,
					      struct policy_verdict *verdict);

#endif
