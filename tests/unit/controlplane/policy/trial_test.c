#include "controlplane/policy/trial.h"

#include "controlplane/policy/rule_text.h"
#include "tests/unit/controlplane/store/stored.h"

/* A Monday, 12:00 UTC. */
#define NOON_S UINT64_C(1700481600)

static uint32_t rule_put_hours(struct store *store, int32_t priority, enum policy_action action,
			       const char *caller, const char *callee, const char *hours)
{
	struct store_rule rule = {.priority = priority, .action = action};
	uint32_t id = 0;

	strcpy(rule.hours, hours);
	assert_int_equal(rule_party_parse(caller, &rule.caller), RESULT_OK);
	assert_int_equal(rule_party_parse(callee, &rule.callee), RESULT_OK);
	assert_int_equal(store_rule_add(store, &rule, &id), RESULT_OK);
	return id;
}

static uint32_t rule_put(struct store *store, int32_t priority, enum policy_action action,
			 const char *caller, const char *callee)
{
	return rule_put_hours(store, priority, action, caller, callee, "");
}

static struct policy_trial_result tried_whole(struct stored *s, const char *caller,
					      const char *callee, bool is_callee_ours)
{
	struct policy_trial trial = {.caller = caller,
				     .callee = callee,
				     .method = SIP_METHOD_INVITE,
				     .caller_level = 3,
				     .is_callee_ours = is_callee_ours,
				     .now_s = NOON_S};
	struct policy_trial_result result = {0};
	struct policy_compiled compiled;
	struct pattern_set *patterns = NULL;
	struct policy_source *source;
	struct policy_fault bad;

	assert_int_equal(policy_source_read(s->store, &source, &bad), RESULT_OK);
	assert_int_equal(policy_source_build(source, &compiled, &bad), RESULT_OK);
	policy_source_free(source);
	if (compiled.blob->patterns_length > 0)
		assert_int_equal(pattern_set_read(policy_blob_patterns(compiled.blob),
						  compiled.blob->patterns_length, 1, &patterns),
				 RESULT_OK);
	assert_int_equal(policy_trial_run(s->store, compiled.blob, patterns, &trial, &result),
			 RESULT_OK);
	pattern_set_destroy(patterns);
	policy_compiled_free(&compiled);
	return result;
}

static struct policy_verdict tried(struct stored *s, const char *caller, const char *callee,
				   bool is_callee_ours)
{
	return tried_whole(s, caller, callee, is_callee_ours).verdict;
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

static void rule_out_of_its_hours_and_the_one_that_decides_are_told_apart(void **state)
{
	struct stored *s = *state;
	uint32_t night = rule_put_hours(s->store, 9, POLICY_DENY, "any", "@abc.com", "22:00-06:00");
	uint32_t pattern = rule_put(s->store, 8, POLICY_ALLOW, "~a[0-9]*@abc\\.com", "@abc.com");
	struct policy_trial_result result;

	rule_put(s->store, 7, POLICY_DENY, "any", "any");
	result = tried_whole(s, "a12@abc.com", "b@abc.com", true);
	assert_true(result.verdict.is_allowed);
	assert_int_equal(result.verdict.rule, pattern);
	assert_int_equal(result.passed_count, 1);
	assert_int_equal(result.passed[0].rule, night);
	assert_int_equal(result.passed[0].fit, POLICY_OTHER_TIME);
	/* The pattern is of the whole name. */
	assert_false(tried(s, "xa12@abc.com", "b@abc.com", true).is_allowed);
	assert_false(tried(s, "a12@abc.com.evil", "b@abc.com", true).is_allowed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(members_of_a_group_reach_each_other),
		STORED_TEST(callee_of_another_domain_is_judged_by_his_domain_alone),
		STORED_TEST(rule_out_of_its_hours_and_the_one_that_decides_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
