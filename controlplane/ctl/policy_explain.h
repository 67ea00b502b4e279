/* What `policy test` found, in sentences: which rule decides, and why those before it did not. */
#ifndef SEKISHO_CONTROLPLANE_CTL_POLICY_EXPLAIN_H
#define SEKISHO_CONTROLPLANE_CTL_POLICY_EXPLAIN_H

#include <jansson.h>

#include "controlplane/policy/trial.h"

/* The rules that a result names, as they are shown. Borrowed; decides and limit may be NULL. */
struct policy_named {
	const json_t *decides, *limit;
	const json_t *passed; /* an array, in their order; each with its reason, "passed_over" */
};

/* Why a rule for this caller and callee does not decide, as the rest of a sentence; the caller owns
 * it. */
json_t *policy_passed_text(const struct policy_trial *trial, enum policy_fit fit,
			   const json_t *rule);

/* An array of sentences, which the caller owns; NULL: out of memory. */
json_t *policy_explain(const struct policy_trial *trial, const struct policy_trial_result *result,
		       const struct policy_named *named);

#endif
