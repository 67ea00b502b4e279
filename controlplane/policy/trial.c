#include "controlplane/policy/trial.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/aor.h"
#include "shared/contract/policy_text.h"

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

struct finding {
	const struct policy_blob *blob;
	uint64_t *found;
};

static bool rule_found(void *ctx, uint32_t rule)
{
	struct finding *finding = ctx;

	if (rule < finding->blob->rule_count)
		finding->found[rule / 64] |= UINT64_C(1) << rule % 64;
	return true;
}

static enum result patterns_find(const struct policy_blob *blob, const struct pattern_set *patterns,
				 const struct policy_trial *trial,
				 const struct policy_question *question, uint64_t *found)
{
	struct finding finding = {blob, found};
	char text[POLICY_TEXT_BYTES];
	size_t length;
	enum result result = policy_text_write(question, trial->method_name, text, &length);

	if (result == RESULT_OK &&
	    !pattern_set_scan(patterns, 0, slice_make(text, length), rule_found, &finding))
		result = RESULT_IO;
	return result;
}

/* Is it for this caller and callee, method, level and hours aside? */
static enum policy_fit fit_of_both(const struct policy_blob *blob, const struct policy_rule *rule,
				   const struct policy_question *question)
{
	struct policy_rule bare = *rule;

	bare.methods = 0;
	bare.minimum_level = 0;
	bare.days = 0;
	return policy_rule_fit(blob, &bare, question);
}

static void passed_note(enum policy_fit fit, uint32_t id, struct policy_trial_result *result)
{
	if (result->passed_count == POLICY_TRIAL_PASSED) {
		result->passed_more++;
		return;
	}
	result->passed[result->passed_count++] = (struct policy_passed){id, fit};
}

static void earlier_note(const struct policy_blob *blob, const struct policy_question *question,
			 const uint64_t *found, struct policy_trial_result *result)
{
	const struct policy_rule *rules = policy_blob_rules(blob);

	for (uint32_t i = 0; i < blob->rule_count && rules[i].id != result->verdict.rule; i++) {
		enum policy_fit both = fit_of_both(blob, &rules[i], question);

		if (rules[i].action == POLICY_LIMIT)
			continue;
		if (both == POLICY_OTHER_CALLEE)
			result->other_callees++;
		else if (both == POLICY_OTHER_CALLER)
			result->other_callers++;
		else if (policy_rule_has_pattern(&rules[i]) && !policy_rule_is_found(found, i))
			result->other_patterns++;
		else
			passed_note(policy_rule_fit(blob, &rules[i], question), rules[i].id,
				    result);
	}
}

static void judge(const struct policy_blob *blob, const struct policy_question *question,
		  const uint64_t *found, struct policy_trial_result *result)
{
	const struct policy_rule *limit = policy_limit(blob, question, found);

	*result = (struct policy_trial_result){.verdict = policy_decide(blob, question, found),
					       .limit = limit != NULL ? limit->id : 0};
	earlier_note(blob, question, found, result);
}

enum result policy_trial_run(struct store *store, const struct policy_blob *blob,
			     const struct pattern_set *patterns, const struct policy_trial *trial,
			     struct policy_trial_result *out)
{
	struct policy_question question = {.is_callee_ours = trial->is_callee_ours,
					   .method = trial->method,
					   .caller_level = trial->caller_level,
					   .now_s = trial->now_s};
	struct store_identity caller, callee;
	uint64_t *found = calloc(blob->rule_count / 64 + 1, sizeof(*found));
	enum result result = found == NULL ? RESULT_MEMORY : RESULT_OK;

	if (result == RESULT_OK)
		result = subject_make(store, trial->caller, &caller, &question.caller);
	if (result == RESULT_OK)
		result = subject_make(store, trial->callee, &callee, &question.callee);
	if (result == RESULT_OK && patterns != NULL)
		result = patterns_find(blob, patterns, trial, &question, found);
	if (result == RESULT_OK)
		judge(blob, &question, found, out);
	free(found);
	return result;
}
