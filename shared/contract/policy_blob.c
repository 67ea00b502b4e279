#include "shared/contract/policy_blob.h"

#include <stdbool.h>

static bool text_is_inside(const struct policy_blob *blob, const struct policy_party *party)
{
	return party->text_length >= 1 && party->text_at <= blob->strings_length &&
	       party->text_length <= blob->strings_length - party->text_at;
}

static bool party_is_good(const struct policy_blob *blob, const struct policy_party *party)
{
	switch (party->match) {
	case POLICY_MATCH_ANY:
	case POLICY_MATCH_GROUP:
		return true;
	case POLICY_MATCH_AOR:
	case POLICY_MATCH_DOMAIN:
		return text_is_inside(blob, party);
	default:
		return false;
	}
}

static bool rule_is_good(const struct policy_blob *blob, const struct policy_rule *rule)
{
	return (rule->action == POLICY_ALLOW || rule->action == POLICY_DENY) &&
	       rule->minimum_level <= 3 && party_is_good(blob, &rule->caller) &&
	       party_is_good(blob, &rule->callee);
}

/* Descending priority, then ascending id. */
static bool rules_are_in_order(const struct policy_rule *first, const struct policy_rule *second)
{
	if (first->priority != second->priority)
		return first->priority > second->priority;
	return first->id < second->id;
}

enum result policy_blob_validate(const void *at, size_t length)
{
	const struct policy_blob *blob = at;
	const struct policy_rule *rules;

	if (length < sizeof(*blob) || blob->magic != POLICY_BLOB_MAGIC)
		return RESULT_BAD;
	if (blob->rule_count > (length - sizeof(*blob)) / sizeof(*rules))
		return RESULT_BAD;
	if (blob->strings_at < sizeof(*blob) + blob->rule_count * sizeof(*rules) ||
	    blob->strings_at > length || blob->strings_length != length - blob->strings_at)
		return RESULT_BAD;
	rules = policy_blob_rules(blob);
	for (uint32_t i = 0; i < blob->rule_count; i++) {
		if (!rule_is_good(blob, &rules[i]))
			return RESULT_BAD;
		if (i > 0 && !rules_are_in_order(&rules[i - 1], &rules[i]))
			return RESULT_BAD;
	}
	return RESULT_OK;
}
