/* Patterns, hours, limits and levels on their way through step 6 (dataplane/rules/policy.h). */
#include "tests/unit/rules/test_body.h"

#include "dataplane/bounds.h"
#include "dataplane/rules/policy.h"

#define HOUR_MS 3600000u
/* The kit's clock begins on a Tuesday at 22:13 UTC. */

static void send_to(struct gateway_kit *kit, const char *method, const char *target,
		    struct kit_result *result)
{
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = method, .target = target},
		     result);
}

static void pattern_lets_in_and_keeps_out(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "~user-[0-9]@abc\\.com", "*", 0, 0},
		{POLICY_ALLOW, "*", "~user-[e-g]@abc\\.com", 0, 0},
		{POLICY_ALLOW, "~user-a@abc\\.com", "xyz.com", 0, 0},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 3);
	for (int i = 0; i < 3; i++) {
		send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
		expect_sent(&result, LEG_TERMINAL);
		send_to(kit, "INVITE", "sip:user-d@abc.com", &result);
		expect_status(&result, 404);
		send_to(kit, "MESSAGE", "sip:user-b@xyz.com", &result);
		expect_sent(&result, LEG_PEER);
	}
}

/* Whom of another domain is called is not seen: only patterns of nobody in particular match. */
static void callee_of_others_is_seen_by_his_domain_alone(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "*", "~user-b@xyz\\.com", 0, 0},
		{POLICY_ALLOW, "*", "~.*@xyz\\.com", 0, 0},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 2);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	send_to(kit, "INVITE", "sip:user-c@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
}

static void first_match_decides_among_exact_rules_and_patterns(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_ALLOW, "user-a@abc.com", "user-e@abc.com", 1u << SIP_METHOD_INVITE, 0},
		{POLICY_DENY, "~user-.*", "*", 0, 0},
		{POLICY_ALLOW, "*", "*", 0, 0},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 3);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_status(&result, 404);
	gateway_kit_policy(kit, &rules[2], 1);
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* Sixteen rules match; but the last, every one is for a level nobody has, or a group. */
static void more_rules_match_than_are_remembered(void **state)
{
	struct kit_rule rules[16];
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (int i = 0; i < 16; i++)
		rules[i] = (struct kit_rule){POLICY_DENY, "~user-.*", "#77", 0, 0};
	rules[15] = (struct kit_rule){POLICY_ALLOW, "~.*", "~user-e.*", 0, 0};
	gateway_kit_policy(kit, rules, 16);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	send_to(kit, "INVITE", "sip:user-d@abc.com", &result);
	expect_status(&result, 404);
}

static void refusal_by_a_pattern_reads_like_any_other(void **state)
{
	static const char *const callees[] = {"user-d", "user-x", "user-e"};
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "*", "~user-[de]@abc\\.com", 0, 0},
		{POLICY_ALLOW, "*", "abc.com", 0, 0},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char first[2048] = "";

	gateway_kit_policy(kit, rules, 2);
	for (size_t i = 0; i < 3; i++) {
		char target[64], tag[64];
		struct text text;

		snprintf(target, sizeof(target), "sip:%s@abc.com", callees[i]);
		send_to(kit, "INVITE", target, &result);
		expect_status(&result, 404);
		result_between(&result, ">;tag=sk", "\r\n", tag, sizeof(tag));
		text.length = result.length;
		memcpy(text.bytes, result.bytes, result.length);
		text_replace(&text, tag, "TAG");
		text_replace(&text, callees[i], "CALLEE");
		text.bytes[text.length] = 0;
		if (i > 0)
			assert_string_equal(text.bytes, first);
		memcpy(first, text.bytes, text.length + 1);
	}
}

static void rule_holds_in_its_hours_and_an_invite_s_cancel_after_them(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_ALLOW, "*", "xyz.com", 0, 0, "tue 20:00-23:00"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 1);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	kit->now_ms += HOUR_MS;
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	send_to(kit, "ACK", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
}

static void pattern_with_hours_is_not_remembered_as_a_verdict(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_ALLOW, "~user-a@.*", "*", 0, 0, "tue 20:00-23:00"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 1);
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	kit->now_ms += HOUR_MS;
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_status(&result, 404);
}

/* The limit is of the caller: whom he calls, and whether he may, makes no difference. */
static void caller_over_his_limit_is_told_so_whomever_he_calls(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_LIMIT, "~user-a@.*", "*", 1u << SIP_METHOD_INVITE, 0, NULL, "3/min"},
		{POLICY_ALLOW, "*", "user-e@abc.com", 0, 0},
	};
	static const char *const callees[] = {"sip:user-e@abc.com", "sip:user-d@abc.com",
					      "sip:user-x@abc.com", "sip:user-b@xyz.com"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 2);
	send_to(kit, "INVITE", callees[0], &result);
	expect_sent(&result, LEG_TERMINAL);
	send_to(kit, "INVITE", callees[1], &result);
	expect_status(&result, 404);
	send_to(kit, "INVITE", callees[2], &result);
	expect_status(&result, 404);
	for (int i = 0; i < 4; i++) {
		send_to(kit, "INVITE", callees[i], &result);
		expect_status(&result, 503);
		assert_true(result_has(&result, "\r\nRetry-After: "));
	}
	send_to(kit, "CANCEL", callees[0], &result);
	expect_sent(&result, LEG_TERMINAL);
	send_to(kit, "MESSAGE", callees[0], &result);
	expect_sent(&result, LEG_TERMINAL);
	kit->now_ms += 20000;
	send_to(kit, "INVITE", callees[0], &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* Below a domain's minimum level everybody of it is unknown. */
static void domain_s_minimum_level_keeps_out_who_is_below(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "*", "abc.com", 0, 3},
		{POLICY_ALLOW, "*", "*", 0, 0},
	};
	struct request_text request = {.target = "sip:user-e@abc.com",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B
				       "Route-Security: [2001:cdef::10];level=3\r\n"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 2);
	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	request.route_security = ROUTE_SECURITY_B "Route-Security: [2001:cdef::10];level=2\r\n";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 404);
}

/* Who asks for ever new names makes us scan, so often a second; what is remembered stays free. */
static void new_questions_of_one_sender_are_bounded(void **state)
{
	static const struct kit_rule rules[] = {{POLICY_ALLOW, "~.*", "~.*", 0, 0}};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	unsigned refused = 0;
	char target[64];

	gateway_kit_policy(kit, rules, 1);
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	for (int i = 0; i < 2 * POLICY_SCANS_TERMINAL; i++) {
		snprintf(target, sizeof(target), "sip:nobody-%d@abc.com", i);
		send_to(kit, "MESSAGE", target, &result);
		assert_true(result.status == 404 || result.status == 503);
		refused += result.status == 503;
	}
	assert_int_equal(refused, POLICY_SCANS_TERMINAL + 1);
	send_to(kit, "MESSAGE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	kit->now_ms += 1000;
	send_to(kit, "MESSAGE", "sip:somebody@abc.com", &result);
	expect_status(&result, 404);
}

static void cancel_passes_by_the_patterns_of_before(void **state)
{
	static const struct kit_rule before[] = {{POLICY_ALLOW, "~user-a.*", "*", 0, 0}};
	static const struct kit_rule now[] = {{POLICY_DENY, "~user-a.*", "*", 0, 0}};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, before, 1);
	gateway_kit_policy(kit, now, 1);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	kit->now_ms += 600 * 1000;
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(pattern_lets_in_and_keeps_out),
		KIT_TEST(callee_of_others_is_seen_by_his_domain_alone),
		KIT_TEST(first_match_decides_among_exact_rules_and_patterns),
		KIT_TEST(more_rules_match_than_are_remembered),
		KIT_TEST(refusal_by_a_pattern_reads_like_any_other),
		KIT_TEST(rule_holds_in_its_hours_and_an_invite_s_cancel_after_them),
		KIT_TEST(pattern_with_hours_is_not_remembered_as_a_verdict),
		KIT_TEST(caller_over_his_limit_is_told_so_whomever_he_calls),
		KIT_TEST(domain_s_minimum_level_keeps_out_who_is_below),
		KIT_TEST(new_questions_of_one_sender_are_bounded),
		KIT_TEST(cancel_passes_by_the_patterns_of_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
