#include "shared/contract/policy_blob.h"

/* Days of a week as bits. */
#define ALL_DAYS 0x7f
/* Twice the largest offset there ever was. */
#define OFFSET_MAX_S (26 * 3600)

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
	case POLICY_MATCH_PATTERN:
		return true;
	case POLICY_MATCH_AOR:
	case POLICY_MATCH_DOMAIN:
		return text_is_inside(blob, party);
	default:
		return false;
	}
}

static bool hours_are_good(const struct policy_rule *rule)
{
	if (rule->days == 0)
		return rule->from_minute == 0 && rule->to_minute == 0;
	return rule->days <= ALL_DAYS && rule->from_minute < POLICY_DAY_MINUTES &&
	       rule->to_minute >= 1 && rule->to_minute <= POLICY_DAY_MINUTES;
}

/* A limit is the caller's alone: whom he calls must not show in it. */
static bool action_is_good(const struct policy_rule *rule)
{
	switch (rule->action) {
	case POLICY_ALLOW:
	case POLICY_DENY:
		return rule->rate_count == 0 && rule->rate_period_s == 0;
	case POLICY_LIMIT:
		return rule->rate_count > 0 && rule->rate_period_s > 0 &&
		       rule->callee.match == POLICY_MATCH_ANY && rule->minimum_level == 0;
	default:
		return false;
	}
}

static bool rule_is_good(const struct policy_blob *blob, const struct policy_rule *rule)
{
	return action_is_good(rule) && hours_are_good(rule) && rule->minimum_level <= 3 &&
	       (rule->flags & ~POLICY_RULE_METHOD_PATTERN) == 0 &&
	       party_is_good(blob, &rule->caller) && party_is_good(blob, &rule->callee);
}

static bool zone_is_good(const struct policy_blob *blob)
{
	if (blob->zone_count > POLICY_ZONE_CHANGES)
		return false;
	for (uint32_t i = 0; i < blob->zone_count; i++) {
		const struct policy_zone *zone = &blob->zone[i];

		if (zone->offset_s < -OFFSET_MAX_S || zone->offset_s > OFFSET_MAX_S ||
		    (i > 0 && zone->from_s <= zone[-1].from_s))
			return false;
	}
	return true;
}

/* Header and rules, strings, patterns, screen: all of it, and nothing behind. */
static bool parts_are_good(const struct policy_blob *blob, size_t length)
{
	size_t left = length - sizeof(*blob);

	if (blob->rule_count > left / sizeof(struct policy_rule) ||
	    blob->strings_at < sizeof(*blob) + blob->rule_count * sizeof(struct policy_rule) ||
	    blob->strings_at > length)
		return false;
	left = length - blob->strings_at;
	if (blob->strings_length > left)
		return false;
	left -= blob->strings_length;
	return blob->patterns_length <= left && blob->screen_length == left - blob->patterns_length;
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

	bool has_pattern = false;

	if (length < sizeof(*blob) || blob->magic != POLICY_BLOB_MAGIC ||
	    !parts_are_good(blob, length) || !zone_is_good(blob))
		return RESULT_BAD;
	rules = policy_blob_rules(blob);
	for (uint32_t i = 0; i < blob->rule_count; i++) {
		if (!rule_is_good(blob, &rules[i]))
			return RESULT_BAD;
		if (i > 0 && !rules_are_in_order(&rules[i - 1], &rules[i]))
			return RESULT_BAD;
		has_pattern = has_pattern || policy_rule_has_pattern(&rules[i]);
	}
	return has_pattern == (blob->patterns_length > 0) ? RESULT_OK : RESULT_BAD;
}
