#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/ahead.h"

static uint32_t token_leads_to(struct gateway_kit *kit, bool is_token, uint32_t caller,
			       uint32_t callee)
{
	rules_begin(&kit->rules, &kit->tables, NULL, kit->now_ms);
	kit->rules.has_token = true;
	kit->rules.is_token = is_token;
	leg_of_terminal(&kit->rules.token.caller, 1, caller, 1, 7);
	leg_of_terminal(&kit->rules.token.callee, 1, callee, 1, 7);
	kit->rules.ingress.binding = binding_table_at(&kit->bindings, 1);
	ahead_buckets(&kit->rules);
	ahead_records(&kit->rules);
	ahead_callee(&kit->rules);
	return kit->rules.ahead;
}

static void token_leads_to_the_leg_that_did_not_send(void **state)
{
	assert_int_equal(token_leads_to(*state, true, 1, 0x012345), 0x012345);
	assert_int_equal(token_leads_to(*state, true, 0x012345, 1), 0x012345);
}

static void what_is_no_token_leads_nowhere(void **state)
{
	assert_int_equal(token_leads_to(*state, false, 1, 2), 0);
}

static void index_beyond_the_table_is_let_be(void **state)
{
	struct gateway_kit *kit = *state;

	ahead_slot(&kit->bindings, UINT32_MAX);
	ahead_binding(&kit->bindings, UINT32_MAX);
	assert_null(binding_table_at(&kit->bindings, UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(token_leads_to_the_leg_that_did_not_send),
		KIT_TEST(what_is_no_token_leads_nowhere),
		KIT_TEST(index_beyond_the_table_is_let_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
