#include "controlplane/policy/trial.h"

#include <string.h>

#include "controlplane/aor.h"

static enum result subject_make(struct store *store, const char *aor,
				struct store_identity *identity, struct policy_subject *subject)
{
	enum result result = store_identity_find(store, aor, identity);

	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	subject->aor = slice_make(identity->aor, strlen(identity->aor));
	subject->domain = aor_domain(subject->aor);
	subject->group = identity->group;
	subject->group_count = identity->group_count;
	return RESULT_OK;
}

enum result policy_trial_run(struct store *store, const struct policy_compiled *compiled,
			     const struct policy_trial *trial, struct policy_verdict *verdict)
{
	struct policy_question question = {.is_callee_ours = trial->is_callee_ours,
					   .method = trial->method,
					   .caller_level = trial->caller_level};
	struct store_identity caller, callee;
	enum result result = subject_make(store, trial->caller, &caller, &question.caller);

	if (result == RESULT_OK)
		result = subject_make(store, trial->callee, &callee, &question.callee);
	if (result == RESULT_OK)
		*verdict = policy_decide(compiled->blob, &question);
	return result;
}
