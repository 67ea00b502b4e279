#include "shared/contract/policy_decide.h"

static struct slice party_text(const struct policy_blob *blob, const struct policy_party *party)
{
	const char *strings = (const char *)blob + blob->strings_at;

	return slice_make(strings + party->text_at, party->text_length);
}

static bool group_is_in(const struct policy_subject *subject, uint32_t group)
{
	for (size_t i = 0; i < subject->group_count; i++)
		if (subject->group[i] == group)
			return true;
	return false;
}

static bool party_is_matched(const struct policy_blob *blob, const struct policy_party *party,
			     const struct policy_subject *subject)
{
	switch (party->match) {
	case POLICY_MATCH_ANY:
		return true;
	case POLICY_MATCH_AOR:
		return slice_is_equal(party_text(blob, party), subject->aor);
	case POLICY_MATCH_DOMAIN:
		return slice_is_equal(party_text(blob, party), subject->domain);
	case POLICY_MATCH_GROUP:
		return group_is_in(subject, party->group);
	default:
		return false;
	}
}

bool policy_rule_is_matched(const struct policy_blob *blob, const struct policy_rule *rule,
			    const struct policy_question *question)
{
	if (rule->methods != 0 && (rule->methods & 1u << question->method) == 0)
		return false;
	if (rule->action == POLICY_ALLOW && question->caller_level < rule->minimum_level)
		return false;
	if (!question->is_callee_ours && rule->callee.match != POLICY_MATCH_ANY &&
	    rule->callee.match != POLICY_MATCH_DOMAIN)
		return false;
	return party_is_matched(blob, &rule->caller, &question->caller) &&
	       party_is_matched(blob, &rule->callee, &question->callee);
}

struct policy_verdict policy_decide(const struct policy_blob *blob,
				    const struct policy_question *question)
{
	struct policy_verdict verdict = {false, 0};
	const struct policy_rule *rules;

	if (blob == NULL)
		return verdict;
	rules = policy_blob_rules(blob);
	for (uint32_t i = 0; i < blob->rule_count; i++) {
		if (policy_rule_is_matched(blob, &rules[i], question)) {
			verdict.is_allowed = rules[i].action == POLICY_ALLOW;
			verdict.rule = rules[i].id;
			break;
		}
	}
	return verdict;
}
