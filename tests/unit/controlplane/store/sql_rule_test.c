#include "tests/unit/controlplane/store/stored.h"

static struct store_rule rule_of(int32_t priority, enum policy_action action, const char *caller)
{
	struct store_rule rule = {.priority = priority, .action = action};

	rule.caller.match = POLICY_MATCH_AOR;
	snprintf(rule.caller.text, sizeof(rule.caller.text), "%s", caller);
	rule.callee.match = POLICY_MATCH_ANY;
	return rule;
}

static bool rules_join(void *ctx, const struct store_rule *rule)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%u:%d:%s ", rule->id, rule->priority, rule->caller.text);
	return true;
}

static void rules_come_by_priority_then_by_age(void **state)
{
	struct stored *s = *state;
	struct store_rule low = rule_of(-5, POLICY_DENY, "low@abc.com");
	struct store_rule first = rule_of(10, POLICY_ALLOW, "first@abc.com");
	struct store_rule second = rule_of(10, POLICY_DENY, "second@abc.com");
	char all[256] = "";
	uint32_t id;

	assert_int_equal(store_rule_add(s->store, &low, &id), RESULT_OK);
	assert_int_equal(store_rule_add(s->store, &first, &id), RESULT_OK);
	assert_int_equal(store_rule_add(s->store, &second, &id), RESULT_OK);
	assert_int_equal(id, 3);
	assert_int_equal(store_rules_each(s->store, rules_join, all), RESULT_OK);
	assert_string_equal(all, "2:10:first@abc.com 3:10:second@abc.com 1:-5:low@abc.com ");
}

static bool group_copy(void *ctx, const struct store_rule *rule)
{
	*(uint32_t *)ctx = rule->caller.group;
	return true;
}

static void rule_of_a_group_knows_its_number(void **state)
{
	struct stored *s = *state;
	struct store_rule rule = rule_of(1, POLICY_ALLOW, "staff");
	struct store_identity identity;
	uint32_t id, group = 0;

	rule.caller.match = POLICY_MATCH_GROUP;
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_identity_find(s->store, "a@abc.com", &identity), RESULT_OK);
	assert_int_equal(store_rules_each(s->store, group_copy, &group), RESULT_OK);
	assert_int_equal(group, identity.group[0]);
}

static void every_change_makes_a_new_generation(void **state)
{
	struct stored *s = *state;
	struct store_rule rule = rule_of(1, POLICY_ALLOW, "a@abc.com");
	uint64_t first, second, third;
	uint32_t id;

	assert_int_equal(store_policy_generation(s->store, &first), RESULT_OK);
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	assert_int_equal(store_policy_generation(s->store, &second), RESULT_OK);
	assert_int_equal(store_rule_delete(s->store, id), RESULT_OK);
	assert_int_equal(store_policy_generation(s->store, &third), RESULT_OK);
	assert_int_equal(store_rule_delete(s->store, id), RESULT_NOT_FOUND);
	assert_true(first < second && second < third);
}

static void malformed_rules_are_refused(void **state)
{
	struct stored *s = *state;
	struct store_rule rule = rule_of(1, POLICY_ALLOW, "");
	uint32_t id = 77;

	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_BAD);
	rule = rule_of(1, (enum policy_action)9, "a@abc.com");
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_BAD);
	rule = rule_of(1, POLICY_ALLOW, "a@abc.com");
	rule.minimum_level = 4;
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_BAD);
	assert_int_equal(id, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(rules_come_by_priority_then_by_age),
		STORED_TEST(rule_of_a_group_knows_its_number),
		STORED_TEST(every_change_makes_a_new_generation),
		STORED_TEST(malformed_rules_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
