/* `policy test`: what the policy in force says of a call, by which rule, and which others nearly. */
#ifndef SEKISHO_CONTROLPLANE_POLICY_TRIAL_H
#define SEKISHO_CONTROLPLANE_POLICY_TRIAL_H

#include "controlplane/policy/compile.h"
#include "shared/contract/policy_decide.h"
#include "shared/pattern/pattern_set.h"

struct policy_trial {
	const char *caller; /* canonical AORs */
	const char *callee;
	enum sip_method method;
	struct slice method_name;
	uint8_t caller_level;
	bool is_callee_ours; /* is its domain one of ours? */
	uint64_t now_s;	     /* Unix time of the call */
};

/* A rule whose caller and callee fit, and that still does not decide. */
#define POLICY_TRIAL_PASSED 16
struct policy_passed {
	uint32_t rule; /* its id */
	enum policy_fit fit;
};

struct policy_trial_result {
	struct policy_verdict verdict;
	uint32_t limit; /* id of the limit that holds for the caller; 0: none */
	/* Before the one that decided, limits apart: all are counted once. */
	unsigned passed_count; /* for this caller and callee, the first of them */
	struct policy_passed passed[POLICY_TRIAL_PASSED];
	unsigned passed_more; /* so many more */
	unsigned other_callers, other_callees, other_patterns; /* for others, and not found */
};

/* With the groups of both from the store; patterns: the blob's set, NULL if it has none. */
SEKISHO_MUST_USE enum result policy_trial_run(struct store *store, const struct policy_blob *blob,
					      const struct pattern_set *patterns,
					      const struct policy_trial *trial,
					      struct policy_trial_result *result);

#endif
