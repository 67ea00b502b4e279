#include "controlplane/policy/trial.h"

#include "controlplane/policy/rule_text.h"
#include "tests/unit/controlplane/store/stored.h"

static uint32_t rule_put(struct store *store, int32_t priority, enum policy_action action,
			 const char *caller, const char *callee)
{
	struct store_rule rule = {.priority = priority, .action = action};
	uint32_t id = 0;

	assert_int_equal(rule_party_parse(caller, &rule.caller), RESULT_OK);
	assert_int_equal(rule_party_parse(callee, &rule.callee), RESULT_OK);
	assert_int_equal(store_rule_add(store, &rule, &id), RESULT_OK);
	return id;
}

static struct policy_verdict tried(struct stored *s, const char *caller, const char *callee,
				   bool is_callee_ours)
{
	struct policy_trial trial = {.caller = caller,
				     .callee = callee,
				     .method = SIP_METHOD_INVITE,
				     .caller_level = 3,
				     .is_callee_ours = is_callee_ours};
	struct policy_verdict verdict = {0};
	struct policy_compiled compiled;
	uint32_t bad = 0;

	assert_int_equal(policy_compile(s->store, &compiled, &bad), RESULT_OK);
	assert_int_equal(policy_trial_run(s->store, &compiled, &trial, &verdict), RESULT_OK);
	policy_compiled_free(&compiled);
	return verdict;
}

static void members_of_a_group_reach_each_other(void **state)
{
	struct stored *s = *state;
	uint32_t id = rule_put(s->store, 5, POLICY_ALLOW, "group:staff", "group:staff");
	struct policy_verdict verdict;

	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "b@abc.com"), RESULT_OK);
	verdict = tried(s, "a@abc.com", "b@abc.com", true);
	assert_true(verdict.is_allowed);
	assert_int_equal(verdict.rule, id);
	verdict = tried(s, "a@abc.com", "c@abc.com", true);
	assert_false(verdict.is_allowed);
	assert_int_equal(verdict.rule, 0);
}

static void callee_of_another_domain_is_judged_by_his_domain_alone(void **state)
{
	struct stored *s = *state;
	uint32_t domain = rule_put(s->store, 1, POLICY_ALLOW, "@abc.com", "@xyz.com");
	struct policy_verdict verdict;

	rule_put(s->store, 9, POLICY_DENY, "any", "b@xyz.com");
	verdict = tried(s, "a@abc.com", "b@xyz.com", false);
	assert_true(verdict.is_allowed);
	assert_int_equal(verdict.rule, domain);
	verdict = tried(s, "a@abc.com", "b@xyz.com", true);
	assert_false(verdict.is_allowed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(members_of_a_group_reach_each_other),
		STORED_TEST(callee_of_another_domain_is_judged_by_his_domain_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
