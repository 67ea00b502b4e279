#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/ahead.h"
#include "shared/base64url.h"

/* An sk= with the two terminals' legs from `at` on, and something behind them. */
static struct slice sk_text(char *text, uint32_t first, uint32_t second)
{
	uint8_t bytes[48] = {1};
	struct writer w = writer_make(text, 128);
	struct leg leg;

	leg_of_terminal(&leg, 1, first, 1, 7);
	memcpy(bytes + 1, leg.bytes, leg.length);
	leg_of_terminal(&leg, 1, second, 1, 7);
	memcpy(bytes + 1 + leg.length, leg.bytes, leg.length);
	base64url_encode(&w, bytes, sizeof(bytes));
	return slice_make(w.at, w.len);
}

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

static void response_leads_to_the_leg_that_asked(void **state)
{
	struct sip_message message = {0};
	char text[128];

	(void)state;
	message.via.sk = sk_text(text, 0x00abcd, 2);
	assert_int_equal(ahead_response_binding(&message), 0x00abcd);
	message.via.sk = SLICE("AQ");
	assert_int_equal(ahead_response_binding(&message), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(token_leads_to_the_leg_that_did_not_send),
		KIT_TEST(what_is_no_token_leads_nowhere),
		KIT_TEST(index_beyond_the_table_is_let_be),
		KIT_TEST(response_leads_to_the_leg_that_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
