#include "shared/contract/policy_decide.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/limits.h"

#define STRINGS "user-a@abc.comabc.comuser-b@xyz.comxyz.com"
#define A                                                                                          \
	{                                                                                          \
		POLICY_MATCH_AOR, 0, 14, 0, 0                                                      \
	}
#define ABC                                                                                        \
	{                                                                                          \
		POLICY_MATCH_DOMAIN, 0, 7, 14, 0                                                   \
	}
#define B                                                                                          \
	{                                                                                          \
		POLICY_MATCH_AOR, 0, 14, 21, 0                                                     \
	}
#define XYZ                                                                                        \
	{                                                                                          \
		POLICY_MATCH_DOMAIN, 0, 7, 35, 0                                                   \
	}
#define ANY                                                                                        \
	{                                                                                          \
		POLICY_MATCH_ANY, 0, 0, 0, 0                                                       \
	}
#define STAFF                                                                                      \
	{                                                                                          \
		POLICY_MATCH_GROUP, 0, 0, 0, 4                                                     \
	}

#define INVITE	(1u << SIP_METHOD_INVITE)
#define MESSAGE (1u << SIP_METHOD_MESSAGE)

struct built {
	struct policy_blob blob;
	struct policy_rule rule[4];
	char strings[sizeof(STRINGS) - 1];
};

static void built_make(struct built *built, const struct policy_rule *rules, uint32_t count)
{
	size_t at = sizeof(built->blob) + count * sizeof(*rules);

	memset(built, 0, sizeof(*built));
	built->blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
					   .rule_count = count,
					   .generation = 1,
					   .strings_at = at,
					   .strings_length = sizeof(STRINGS) - 1};
	if (count > 0)
		memcpy(built->rule, rules, count * sizeof(*rules));
	memcpy((char *)built + at, STRINGS, sizeof(STRINGS) - 1);
	assert_int_equal(policy_blob_validate(built, at + sizeof(STRINGS) - 1), RESULT_OK);
}

static const uint32_t staff[] = {2, 4};

static struct policy_question question_of(bool is_callee_ours)
{
	return (struct policy_question){
		.caller = {SLICE("user-a@abc.com"), SLICE("abc.com"), staff, 2},
		.callee = {SLICE("user-b@xyz.com"), SLICE("xyz.com"), NULL, 0},
		.is_callee_ours = is_callee_ours,
		.method = SIP_METHOD_INVITE,
		.caller_level = 3,
	};
}

static void expect(const struct policy_rule *rules, uint32_t count,
		   const struct policy_question *question, bool is_allowed, uint32_t rule)
{
	struct policy_verdict verdict;
	struct built built;

	built_make(&built, rules, count);
	verdict = policy_decide(&built.blob, question, NULL);
	assert_int_equal(verdict.is_allowed, is_allowed);
	assert_int_equal(verdict.rule, rule);
}

static void nothing_is_allowed_without_a_rule(void **state)
{
	struct policy_question question = question_of(true);

	(void)state;
	expect(NULL, 0, &question, false, 0);
	assert_false(policy_decide(NULL, &question, NULL).is_allowed);
}

static void each_kind_of_party_matches_its_own(void **state)
{
	static const struct {
		struct policy_party caller, callee;
		bool matches;
	} row[] = {
		{A, B, true},	    {ABC, XYZ, true}, {ANY, ANY, true},
		{STAFF, ANY, true}, {B, B, false},    {XYZ, XYZ, false},
		{A, A, false},	    {A, ABC, false},  {A, STAFF, false},
	};
	struct policy_question question = question_of(true);

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct policy_rule rule = {.id = 7,
					   .action = POLICY_ALLOW,
					   .caller = row[i].caller,
					   .callee = row[i].callee};

		expect(&rule, 1, &question, row[i].matches, row[i].matches ? 7 : 0);
	}
}

static void first_match_decides(void **state)
{
	struct policy_rule rules[] = {
		{.id = 3, .priority = 9, .action = POLICY_DENY, .caller = B, .callee = ANY},
		{.id = 2, .priority = 5, .action = POLICY_ALLOW, .caller = A, .callee = B},
		{.id = 4, .priority = 5, .action = POLICY_DENY, .caller = ANY, .callee = ANY},
	};
	struct policy_question question = question_of(true);

	(void)state;
	expect(rules, 3, &question, true, 2);
	rules[0].caller = (struct policy_party)A;
	expect(rules, 3, &question, false, 3);
}

static void rule_is_for_its_methods(void **state)
{
	struct policy_rule rule = {
		.id = 1, .action = POLICY_ALLOW, .methods = MESSAGE, .caller = ANY, .callee = ANY};
	struct policy_question question = question_of(true);

	(void)state;
	expect(&rule, 1, &question, false, 0);
	question.method = SIP_METHOD_MESSAGE;
	expect(&rule, 1, &question, true, 1);
	rule.methods = INVITE | 1u << SIP_METHOD_OTHER;
	question.method = SIP_METHOD_OTHER;
	expect(&rule, 1, &question, true, 1);
}

static void caller_below_the_minimum_level_is_not_let_in_but_still_kept_out(void **state)
{
	struct policy_rule rules[] = {
		{.id = 1,
		 .priority = 2,
		 .action = POLICY_ALLOW,
		 .minimum_level = 2,
		 .caller = ANY,
		 .callee = ANY},
		{.id = 2,
		 .priority = 1,
		 .action = POLICY_DENY,
		 .minimum_level = 3,
		 .caller = ANY,
		 .callee = ANY},
	};
	struct policy_question question = question_of(true);

	(void)state;
	question.caller_level = 2;
	expect(rules, 2, &question, true, 1);
	question.caller_level = 1;
	expect(rules, 2, &question, false, 2);
}

static void callee_of_others_counts_only_by_his_domain(void **state)
{
	struct policy_rule rules[] = {
		{.id = 1, .priority = 4, .action = POLICY_DENY, .caller = ANY, .callee = B},
		{.id = 2, .priority = 3, .action = POLICY_DENY, .caller = ANY, .callee = STAFF},
		{.id = 3, .priority = 2, .action = POLICY_ALLOW, .caller = ANY, .callee = XYZ},
		{.id = 4, .priority = 1, .action = POLICY_DENY, .caller = ANY, .callee = ANY},
	};
	struct policy_question question = question_of(false);

	(void)state;
	question.callee.group = staff;
	question.callee.group_count = 2;
	expect(rules, 4, &question, true, 3);
	question.callee.domain = SLICE("other.com");
	expect(rules, 4, &question, false, 4);
}

static void deny_rule_with_a_level_is_for_those_below_it(void **state)
{
	struct policy_rule rules[] = {
		{.id = 1,
		 .priority = 2,
		 .action = POLICY_DENY,
		 .minimum_level = 3,
		 .caller = ANY,
		 .callee = XYZ},
		{.id = 2, .priority = 1, .action = POLICY_ALLOW, .caller = ANY, .callee = ANY},
	};
	struct policy_question question = question_of(true);

	(void)state;
	expect(rules, 2, &question, true, 2);
	question.caller_level = 2;
	expect(rules, 2, &question, false, 1);
}

static void limits_decide_nothing_and_are_found_apart(void **state)
{
	const struct policy_rule rules[] = {
		{.id = 1,
		 .priority = 2,
		 .action = POLICY_LIMIT,
		 .methods = MESSAGE,
		 .rate_count = 1,
		 .rate_period_s = 1,
		 .caller = ANY,
		 .callee = ANY},
		{.id = 2, .priority = 1, .action = POLICY_ALLOW, .caller = ANY, .callee = ANY},
	};
	struct policy_question question = question_of(true);
	struct built built;

	(void)state;
	built_make(&built, rules, 2);
	assert_int_equal(policy_decide(&built.blob, &question, NULL).rule, 2);
	assert_null(policy_limit(&built.blob, &question, NULL));
	question.method = SIP_METHOD_MESSAGE;
	assert_int_equal(policy_decide(&built.blob, &question, NULL).rule, 2);
	assert_int_equal(policy_limit(&built.blob, &question, NULL)->id, 1);
	assert_null(policy_limit(NULL, &question, NULL));
}

static void rule_with_a_pattern_matches_only_where_it_was_found(void **state)
{
	static struct policy_rule rules[2] = {
		{.id = 1,
		 .priority = 2,
		 .action = POLICY_ALLOW,
		 .caller = {.match = POLICY_MATCH_PATTERN},
		 .callee = ANY},
		{.id = 2, .priority = 1, .action = POLICY_DENY, .caller = ANY, .callee = ANY},
	};
	struct policy_question question = question_of(true);
	struct {
		struct policy_blob head;
		struct policy_rule rule[2];
	} built = {.head = {.rule_count = 2}, .rule = {rules[0], rules[1]}};
	uint64_t found = 1;

	(void)state;
	assert_int_equal(policy_decide(&built.head, &question, NULL).rule, 2);
	assert_int_equal(policy_decide(&built.head, &question, &found).rule, 1);
	found = 2;
	assert_int_equal(policy_decide(&built.head, &question, &found).rule, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_allowed_without_a_rule),
		cmocka_unit_test(each_kind_of_party_matches_its_own),
		cmocka_unit_test(first_match_decides),
		cmocka_unit_test(rule_is_for_its_methods),
		cmocka_unit_test(caller_below_the_minimum_level_is_not_let_in_but_still_kept_out),
		cmocka_unit_test(callee_of_others_counts_only_by_his_domain),
		cmocka_unit_test(deny_rule_with_a_level_is_for_those_below_it),
		cmocka_unit_test(limits_decide_nothing_and_are_found_apart),
		cmocka_unit_test(rule_with_a_pattern_matches_only_where_it_was_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
