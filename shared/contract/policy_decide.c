#include "shared/contract/policy_decide.h"

#include "shared/contract/policy_hours.h"

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
	case POLICY_MATCH_PATTERN:
		return true;
	default:
		return false;
	}
}

/* Who a callee of another domain is, is not for us: only what all of the domain share is seen. */
static bool callee_is_judged(const struct policy_rule *rule, const struct policy_question *question)
{
	return question->is_callee_ours || rule->callee.match == POLICY_MATCH_ANY ||
	       rule->callee.match == POLICY_MATCH_DOMAIN ||
	       rule->callee.match == POLICY_MATCH_PATTERN;
}

static bool level_is_right(const struct policy_rule *rule, uint8_t level)
{
	if (rule->action == POLICY_DENY && rule->minimum_level > 0)
		return level < rule->minimum_level;
	return rule->action != POLICY_ALLOW || level >= rule->minimum_level;
}

/* What let an INVITE pass lets what belongs to it pass, what has begun since does not stop it. */
static bool time_is_right(const struct policy_blob *blob, const struct policy_rule *rule,
			  const struct policy_question *question)
{
	if (rule->days == 0)
		return true;
	if (question->is_past)
		return rule->action == POLICY_ALLOW;
	return policy_hours_are_now(blob, rule, question->now_s);
}

enum policy_fit policy_rule_fit(const struct policy_blob *blob, const struct policy_rule *rule,
				const struct policy_question *question)
{
	if (rule->methods != 0 && (rule->methods & 1u << question->method) == 0)
		return POLICY_OTHER_METHOD;
	if (!level_is_right(rule, question->caller_level))
		return POLICY_OTHER_LEVEL;
	if (!callee_is_judged(rule, question) ||
	    !party_is_matched(blob, &rule->callee, &question->callee))
		return POLICY_OTHER_CALLEE;
	if (!party_is_matched(blob, &rule->caller, &question->caller))
		return POLICY_OTHER_CALLER;
	return time_is_right(blob, rule, question) ? POLICY_FITS : POLICY_OTHER_TIME;
}

/* The first rule that matches and is a limit, or is none; rule_count: there is none. */
static uint32_t rule_find(const struct policy_blob *blob, const struct policy_question *question,
			  const uint64_t *found, bool is_limit)
{
	const struct policy_rule *rules = policy_blob_rules(blob);
	uint32_t i = 0;

	for (; i < blob->rule_count; i++) {
		if ((rules[i].action == POLICY_LIMIT) != is_limit)
			continue;
		if (policy_rule_has_pattern(&rules[i]) && !policy_rule_is_found(found, i))
			continue;
		if (policy_rule_is_matched(blob, &rules[i], question))
			break;
	}
	return i;
}

struct policy_verdict policy_decide(const struct policy_blob *blob,
				    const struct policy_question *question, const uint64_t *found)
{
	struct policy_verdict verdict = {false, 0};
	uint32_t rule;

	if (blob == NULL)
		return verdict;
	rule = rule_find(blob, question, found, false);
	if (rule < blob->rule_count) {
		verdict.is_allowed = policy_blob_rules(blob)[rule].action == POLICY_ALLOW;
		verdict.rule = policy_blob_rules(blob)[rule].id;
	}
	return verdict;
}

const struct policy_rule *policy_limit(const struct policy_blob *blob,
				       const struct policy_question *question,
				       const uint64_t *found)
{
	uint32_t rule;

	if (blob == NULL)
		return NULL;
	rule = rule_find(blob, question, found, true);
	return rule < blob->rule_count ? &policy_blob_rules(blob)[rule] : NULL;
}
