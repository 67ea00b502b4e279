#include "controlplane/ctl/policy_explain.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* A rule as it is shown; more: further fields. */
static json_t *rule_of(int id, const char *action, const char *more)
{
	json_t *rule =
		json_pack("{s:i,s:i,s:s,s:s,s:s,s:s}", "id", id, "priority", id * 10, "action",
			  action, "caller", "any", "callee", "@d", "methods", "MESSAGE");
	json_t *rest = json_loads(more, 0, NULL);

	assert_non_null(rest);
	json_object_update(rule, rest);
	json_decref(rest);
	return rule;
}

static void passed_is(enum policy_fit fit, const char *action, const char *more, const char *text)
{
	struct policy_trial trial = {.caller_level = 1};
	json_t *rule = rule_of(1, action, more);
	json_t *found = policy_passed_text(&trial, fit, rule);

	assert_string_equal(json_string_value(found), text);
	json_decref(found);
	json_decref(rule);
}

static void reason_says_what_the_rule_asks_for(void **state)
{
	(void)state;
	passed_is(POLICY_OTHER_METHOD, "allow", "{}", "it is for other methods (MESSAGE)");
	passed_is(POLICY_OTHER_LEVEL, "allow", "{\"minimum_level\":3}",
		  "the caller's link has level 1, below its minimum level 3");
	passed_is(POLICY_OTHER_LEVEL, "deny", "{\"minimum_level\":1}",
		  "it denies below level 1 only and the caller's link has level 1");
	passed_is(POLICY_OTHER_TIME, "allow", "{\"hours\":\"22:00-06:00\"}",
		  "it is outside its hours (22:00-06:00)");
	passed_is(POLICY_FITS, "allow", "{}", "another is before it");
}

/* The sentences, each on a line; takes over the rules. */
static void explained_is(const struct policy_trial *trial, const struct policy_trial_result *result,
			 json_t *decides, json_t *limit, json_t *passed, const char *text)
{
	const struct policy_named named = {decides, limit, passed};
	json_t *sentences = policy_explain(trial, result, &named);
	char all[2048] = "";
	const json_t *sentence;
	size_t i;

	assert_non_null(sentences);
	json_array_foreach(sentences, i, sentence)
	{
		strncat(all, json_string_value(sentence), sizeof(all) - strlen(all) - 1);
		strncat(all, "\n", sizeof(all) - strlen(all) - 1);
	}
	assert_string_equal(all, text);
	json_decref(sentences);
	json_decref(decides);
	json_decref(limit);
	json_decref(passed);
}

static void rule_that_decides_is_told_with_those_before_it(void **state)
{
	struct policy_trial trial = {.is_callee_ours = true};
	struct policy_trial_result result = {.verdict = {true, 3},
					     .passed_count = 1,
					     .passed_more = 2,
					     .other_callers = 4,
					     .other_patterns = 5};
	json_t *before = rule_of(2, "deny", "{\"hours\":\"mon-fri\",\"passed_over\":\"not now\"}");

	(void)state;
	explained_is(
		&trial, &result, rule_of(3, "allow", "{\"minimum_level\":2}"), NULL,
		json_pack("[o]", before),
		"rule 3 (priority 30: allow any to @d, methods MESSAGE, minimum level 2) decides: "
		"it is the first that fits\n"
		"rule 2 (priority 20: deny any to @d, methods MESSAGE, hours mon-fri) is for both, "
		"but not now\n"
		"2 more are for both and do not fit otherwise\n"
		"of the rules before it: 4 for other callers, 5 with patterns that do not match\n");
}

static void denial_by_default_says_what_the_caller_gets(void **state)
{
	struct policy_trial trial = {.is_callee_ours = true};
	struct policy_trial_result result = {.other_callees = 1};

	(void)state;
	explained_is(&trial, &result, NULL, NULL, json_array(),
		     "no rule fits, and what no rule allows is denied\n"
		     "of the other rules: 1 for other callees\n"
		     "the caller gets 404, as for a callee that does not exist\n");
}

static void limit_and_a_foreign_callee_are_told(void **state)
{
	struct policy_trial trial = {.is_callee_ours = false};
	struct policy_trial_result result = {.verdict = {true, 1}, .limit = 2};

	(void)state;
	explained_is(
		&trial, &result, rule_of(1, "allow", "{}"),
		rule_of(2, "limit", "{\"rate\":\"60/min\"}"), json_array(),
		"rule 1 (priority 10: allow any to @d, methods MESSAGE) decides: it is the first "
		"that fits\n"
		"rule 2 (priority 20: limit any to @d, methods MESSAGE, rate 60/min) limits the "
		"caller: what is beyond its rate gets 503\n"
		"the callee is of another domain: only rules for everybody, for a pattern or for "
		"its domain count here, its own gateway judges the rest\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reason_says_what_the_rule_asks_for),
		cmocka_unit_test(rule_that_decides_is_told_with_those_before_it),
		cmocka_unit_test(denial_by_default_says_what_the_caller_gets),
		cmocka_unit_test(limit_and_a_foreign_callee_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
