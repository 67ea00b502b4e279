#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/policy.h"

static void send_to(struct gateway_kit *kit, const char *method, const char *target,
		    struct kit_result *result)
{
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = method, .target = target},
		     result);
}

static void without_a_policy_everything_is_denied(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	policy_table_fini(&kit->policies);
	assert_int_equal(policy_table_init(&kit->policies, 1, kit->deferred), RESULT_OK);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_status(&result, 404);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
}

/* P7: denied, unknown, too weak a caller: the same bytes but for what is echoed and the tag. */
static void all_refusals_of_a_callee_read_the_same(void **state)
{
	static const char *const callees[] = {"user-d", "user-x", "user-m"};
	struct contract_identity strict = gateway_kit_identity_make("user-m@abc.com", 0);
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char first[2048] = "";

	strict.minimum_level = 4;
	assert_int_equal(identity_table_put(&kit->identities, &strict), RESULT_OK);
	for (size_t i = 0; i < sizeof(callees) / sizeof(callees[0]); i++) {
		char target[64], tag[64];
		struct text text;

		snprintf(target, sizeof(target), "sip:%s@abc.com", callees[i]);
		send_to(kit, "INVITE", target, &result);
		expect_status(&result, 404);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_REFUSED);
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

static void members_of_a_group_reach_each_other_and_nobody_else(void **state)
{
	static const struct kit_rule rules[] = {{POLICY_ALLOW, "#7", "#7", 0, 0}};
	struct contract_identity caller = gateway_kit_identity_make("user-a@abc.com", 7);
	struct gateway_kit *kit = *state;
	struct kit_result result;

	caller.binding_index = 1;
	caller.binding_generation = 1;
	assert_int_equal(identity_table_put(&kit->identities, &caller), RESULT_OK);
	gateway_kit_identity(kit, "user-g@abc.com", 7);
	gateway_kit_identity(kit, "user-h@abc.com", 8);
	gateway_kit_policy(kit, rules, 1);
	send_to(kit, "INVITE", "sip:user-g@abc.com", &result);
	expect_status(&result, 480);
	send_to(kit, "INVITE", "sip:user-h@abc.com", &result);
	expect_status(&result, 404);
}

static void every_user_of_a_foreign_domain_gets_the_same_verdict(void **state)
{
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "*", "user-b@xyz.com", 0, 0},
		{POLICY_ALLOW, "*", "xyz.com", 1u << SIP_METHOD_INVITE, 0},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, rules, 2);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	send_to(kit, "INVITE", "sip:user-c@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	send_to(kit, "MESSAGE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
	send_to(kit, "INVITE", "sip:user-b@far.example", &result);
	expect_status(&result, 404);
}

static void cancel_and_ack_pass_by_the_policy_of_their_invite(void **state)
{
	static const struct kit_rule invite_only[] = {
		{POLICY_ALLOW, "*", "*", 1u << SIP_METHOD_INVITE, 0}};
	static const struct kit_rule none[] = {{POLICY_DENY, "*", "*", 0, 0}};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, invite_only, 1);
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	/* The policy has changed since: what the INVITE had counts for ten minutes. */
	gateway_kit_policy(kit, none, 1);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	send_to(kit, "ACK", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	kit->now_ms += 600 * 1000;
	send_to(kit, "CANCEL", "sip:user-b@xyz.com", &result);
	expect_status(&result, 404);
	send_to(kit, "ACK", "sip:user-b@xyz.com", &result);
	expect_drop(&result, DROP_sip_refused);
}

static void request_without_token_may_carry_no_route_but_ours(void **state)
{
	static const struct {
		const char *route;
		unsigned status;
	} rows[] = {
		{"Route: <sip:[2001:6789::5060]:5060;lr>\r\n", 0},
		{"Route: <sip:abc.com;lr>\r\n", 0},
		{"Route: <sip:abc.com;lr>, <sip:[2001:6789::5060];lr>\r\n", 0},
		{"Route: <sip:[2001:abcd::5060];lr>\r\n", 403},
		{"Route: <sip:abc.com;lr>\r\nRoute: <sip:far.example;lr>\r\n", 403},
		{"Route: <sip:far.example;lr>, <sip:abc.com;lr>\r\n", 403},
		{"Route: nonsense\r\n", 403},
		{"Route: <sip:user-b@[2001:db8::1];maddr=[2001:6789::5060]>\r\n", 403},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.more = rows[i].route},
			     &result);
		expect_status(&result, rows[i].status);
		if (rows[i].status == 0)
			assert_false(result_has(&result, "\r\nRoute: "));
	}
}

static void peer_reaches_others_only_with_transit(void **state)
{
	struct contract_peer from = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct contract_peer to = gateway_kit_peer_make(2, "far.example", "2001:db8::2");
	const struct request_text request = {.target = "sip:user-f@far.example",
					     .via = VIA_B,
					     .from = "<sip:user-b@xyz.com>",
					     .route_security = ROUTE_SECURITY_B};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_peer(kit, &to);
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 404);
	from.is_transit = 1;
	gateway_kit_peer(kit, &from);
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 404);
	strcpy(from.reach[0], "far.example");
	from.reach_count = 1;
	gateway_kit_peer(kit, &from);
	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 2);
}

/* A rule's and a callee's minimum level look at the weakest link behind the request. */
static void minimum_level_looks_at_the_whole_series(void **state)
{
	static const struct kit_rule strict[] = {{POLICY_ALLOW, "*", "user-e@abc.com", 0, 3}};
	struct request_text request = {.target = "sip:user-e@abc.com",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B
				       "Route-Security: [2001:cdef::10];level=3\r\n"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_policy(kit, strict, 1);
	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	request.route_security = ROUTE_SECURITY_B "Route-Security: [2001:cdef::10];level=1\r\n";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 404);
	request.route_security = ROUTE_SECURITY_B "Route-Security: [2001:cdef::10]\r\n";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 404);
}

static void maddr_and_transport_choose_no_next_hop(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_to(kit, "INVITE", "sip:user-b@xyz.com;maddr=192.0.2.66;transport=tcp", &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 1);
	assert_true(result_has(
		&result, "INVITE sip:user-b@xyz.com;maddr=192.0.2.66;transport=tcp SIP/2.0\r\n"));
}

/* What may not go to a leg marked legacy reads as what nobody may reach. */
static void legacy_callee_is_as_unknown_where_nothing_goes_to_it(void **state)
{
	static const char *const callees[] = {"user-x", "user-e"};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char first[2048] = "";

	example_mark_legacy(kit, BY_TERMINAL_2, false);
	for (size_t i = 0; i < sizeof(callees) / sizeof(callees[0]); i++) {
		char target[64], tag[64];
		struct text text;

		snprintf(target, sizeof(target), "sip:%s@abc.com", callees[i]);
		send_to(kit, "INVITE", target, &result);
		expect_status(&result, 404);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_REFUSED);
		assert_int_equal(event_next(kit), 0);
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
	send_to(kit, "ACK", "sip:user-e@abc.com", &result);
	expect_drop(&result, DROP_sip_refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(legacy_callee_is_as_unknown_where_nothing_goes_to_it),
		KIT_TEST(without_a_policy_everything_is_denied),
		KIT_TEST(all_refusals_of_a_callee_read_the_same),
		KIT_TEST(members_of_a_group_reach_each_other_and_nobody_else),
		KIT_TEST(every_user_of_a_foreign_domain_gets_the_same_verdict),
		KIT_TEST(cancel_and_ack_pass_by_the_policy_of_their_invite),
		KIT_TEST(request_without_token_may_carry_no_route_but_ours),
		KIT_TEST(peer_reaches_others_only_with_transit),
		KIT_TEST(minimum_level_looks_at_the_whole_series),
		KIT_TEST(maddr_and_transport_choose_no_next_hop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
