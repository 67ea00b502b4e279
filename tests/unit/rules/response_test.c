#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/response.h"

static void only_our_via_goes_and_nothing_else(void **state)
{
	struct gateway_kit *kit = *state;
	struct text answer, expected;
	struct kit_result result;
	char *via, *end;

	example_answered_by_peer(kit, 200, &answer);
	expected = answer;
	via = strstr(expected.bytes, "Via: ");
	end = strstr(via, "\r\n") + 2;
	memmove(via, end, expected.length - (size_t)(end - expected.bytes));
	expected.length -= (size_t)(end - via);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 1);
	assert_int_equal(result.length, expected.length);
	assert_memory_equal(result.bytes, expected.bytes, expected.length);
	assert_int_equal(event_next(kit), CONTRACT_EVENT_DIALOG_START);
}

static void entry_of_a_comma_list_is_taken_off_alike(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 180, &answer);
	text_replace(&answer, "\r\nVia: SIP/2.0/UDP [2001:1234", ", SIP/2.0/UDP [2001:1234");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "\r\nVia: SIP/2.0/UDP [2001:1234::10]:5060;"));
	assert_false(result_has(&result, ";sk="));
}

/* The one below is the first of a line of two, though ours has a line to itself. */
static void entry_below_in_a_list_of_its_own_is_the_one_proven(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 180, &answer);
	text_replace(&answer, "\r\nVia: SIP/2.0/UDP [2001:1234::10]:5060;",
		     "\r\nVia: SIP/2.0/UDP [2001:1234::99], SIP/2.0/UDP [2001:1234::10]:5060;");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_mac);
}

/* What is asked for ahead of the proof, from an sk= that nobody has proven yet. */
static void binding_to_ask_for_is_that_of_the_leg_that_asked(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 180, &answer);
	example_send_text(kit, BY_PEER, &answer, &result);
	rules_response_read(&kit->rules);
	assert_int_equal(rules_response_likely(&kit->rules), 1);
	kit->message.via.sk.len = 2;
	rules_response_read(&kit->rules);
	assert_int_equal(rules_response_likely(&kit->rules), 0);
	assert_int_equal(kit->rules.returning.fault, DROP_sip_response_via);
}

/* All that stands under the MAC: a change is not a response of ours, and is dropped. */
static void change_under_the_mac_is_dropped(void **state)
{
	static const struct {
		const char *from, *to;
		enum drop_reason reason;
	} rows[] = {
		{";sk=A", ";sk=B", DROP_sip_response_stale}, /* the key id */
		{";sk=", ";sk=!", DROP_sip_unusable},
		{";sk=", ";ks=", DROP_sip_response_via},
		{"Via: SIP/2.0/UDP [2001:6789::5060]", "Via: SIP/2.0/UDP [2001:6789::5061]",
		 DROP_sip_response_via},
		{"branch=z9hG4bK", "branch=z9hG4bKx", DROP_sip_response_mac},
		{"branch=z9hG4bKt1", "branch=z9hG4bKt2", DROP_sip_response_mac},
		{"received=2001:1234::10", "received=2001:1234::11", DROP_sip_response_mac},
		{"Call-ID: call-1", "Call-ID: call-2", DROP_sip_response_mac},
		{"CSeq: 1 ", "CSeq: 2 ", DROP_sip_response_mac},
		{"CSeq: 1 INVITE", "CSeq: 1 BYE", DROP_sip_response_mac},
		{"From: <sip:user-a@", "From: <sip:user-x@", DROP_sip_response_mac},
		{";tag=a", ";tag=x", DROP_sip_response_mac},
		{"To: <sip:user-b@", "To: <sip:user-x@", DROP_sip_response_mac},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_answered_by_peer(kit, 200, &answer);
		text_replace(&answer, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		assert_int_equal(result.end, KIT_DROPPED);
		if (rows[i].reason != DROP_sip_unusable)
			expect_drop(&result, rows[i].reason);
	}
}

/* Canonically unchanged is unchanged: a UAS may write a display name or case of its own. */
static void from_and_to_may_be_spelled_otherwise(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 200, &answer);
	text_replace(&answer, "From: <sip:user-a@abc.com>", "f: \"A\" <sip:user-a@ABC.com>");
	text_replace(&answer, "To: <sip:user-b@xyz.com>", "t: <sip:user-b@xyz.com;x=y>");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
}

static void response_from_another_leg_is_dropped(void **state)
{
	struct contract_peer other = gateway_kit_peer_make(2, "far.example", "2001:db8::2");
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct ingress_sa sa;
	struct text answer;

	example_answered_by_peer(kit, 200, &answer);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_drop(&result, DROP_sip_response_leg);
	gateway_kit_peer(kit, &other);
	sa = gateway_kit_from_peer(kit, 2);
	gateway_kit_receive(kit, &sa, answer.bytes, answer.length, &result);
	expect_drop(&result, DROP_sip_response_leg);
	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, 200, "e", &answer);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_leg);
	gateway_kit_receive_clear(kit, "2001:1234::e", 5060, answer.bytes, answer.length, &result);
	expect_drop(&result, DROP_sip_response_leg);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* What a peer's response may not do to the series. */
static const struct {
	const char *from, *to;
} series_changes[] = {
	{ROUTE_SECURITY_1, ""},
	{ROUTE_SECURITY_1, "Route-Security: [2001:1234::10];level=2\r\n"},
	{ROUTE_SECURITY_1, "Route-Security: [2001:1234::10]\r\n"},
	{ROUTE_SECURITY_1, "Route-Security: [2001:1234::11];level=3\r\n"},
	{ROUTE_SECURITY_1, ROUTE_SECURITY_1 ROUTE_SECURITY_1},
	{"Route-Security: [2001:6789::5060];level=3\r\n", ""},
	{"Route-Security: [2001:6789::5060];level=3\r\n" ROUTE_SECURITY_1,
	 ROUTE_SECURITY_1 "Route-Security: [2001:6789::5060];level=3\r\n"},
	{ROUTE_SECURITY_B, "Route-Security: [2001:abcd::5061];level=3\r\n"},
	{ROUTE_SECURITY_B, ROUTE_SECURITY_B "Route-Security: [2001:db8::1];level=3\r\n"},
	{ROUTE_SECURITY_B, "Route-Security: nonsense\r\n"},
};

static void changed_series_drops_a_provisional_and_makes_a_final_502(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(series_changes) / sizeof(series_changes[0]); i++) {
		example_answered_by_peer(kit, 180, &answer);
		text_replace(&answer, series_changes[i].from, series_changes[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_drop(&result, DROP_sip_response_series);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_RESPONSE_SERIES);
		example_answered_by_peer(kit, 486, &answer);
		text_replace(&answer, series_changes[i].from, series_changes[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_status(&result, 502);
		assert_int_equal(result.egress.kind, LEG_TERMINAL);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_RESPONSE_SERIES);
	}
}

static void peer_may_answer_itself_or_add_what_is_behind_it(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ROUTE_SECURITY_B, ""},
		{ROUTE_SECURITY_B, "Route-Security: [2001:db8::7];level=2\r\n" ROUTE_SECURITY_B},
		{ROUTE_SECURITY_B, "Route-Security: [2001:6789::5060]\r\n"},
		{ROUTE_SECURITY_B, ROUTE_SECURITY_B "Route-Security: [2001:6789::5060]\r\n"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_answered_by_peer(kit, 200, &answer);
		text_replace(&answer, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_sent(&result, LEG_TERMINAL);
	}
}

static void terminal_may_add_nothing_but_its_annotation(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text answer;

	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer,
		     "Route-Security: ", "Route-Security: [2001:6789::5060]\r\nRoute-Security: ");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, "Route-Security: ", ROUTE_SECURITY_2 "Route-Security: ");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_status(&result, 502);
}

static void hundred_is_exempt_from_the_series_check_only(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 100, &answer);
	text_replace(&answer,
		     ROUTE_SECURITY_B
		     "Route-Security: [2001:6789::5060];level=3\r\n" ROUTE_SECURITY_1,
		     "");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	text_replace(&answer, "CSeq: 1", "CSeq: 2");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_mac);
}

static void bad_gateway_of_a_node_behind_passes_without_a_series(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 502, &answer);
	text_replace(&answer,
		     ROUTE_SECURITY_B
		     "Route-Security: [2001:6789::5060];level=3\r\n" ROUTE_SECURITY_1,
		     "");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	text_replace(&answer, "SIP/2.0 502", "SIP/2.0 503");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_status(&result, 502);
}

static void response_under_an_expired_key_is_stale(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 180, &answer);
	gateway_kit_key(kit, CONTRACT_KEY_SK, 2);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_SK, 1), RESULT_OK);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_stale);
}

static void response_for_a_leg_that_is_gone_is_dropped(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	example_answered_by_peer(kit, 200, &answer);
	assert_int_equal(binding_table_delete(&kit->bindings, 1, 1), RESULT_OK);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_gone);
}

/* A rekey in mid-transaction: another SA, the same leg. */
static void response_through_a_new_sa_of_the_leg_passes(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct ingress_sa sa;
	struct text answer;

	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, 200, "e", &answer);
	sa = gateway_kit_from_terminal(kit, 2);
	sa.handle = SA_HANDLE(40, 1u);
	gateway_kit_receive(kit, &sa, answer.bytes, answer.length, &result);
	expect_sent(&result, LEG_TERMINAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(only_our_via_goes_and_nothing_else),
		KIT_TEST(entry_of_a_comma_list_is_taken_off_alike),
		KIT_TEST(entry_below_in_a_list_of_its_own_is_the_one_proven),
		KIT_TEST(binding_to_ask_for_is_that_of_the_leg_that_asked),
		KIT_TEST(change_under_the_mac_is_dropped),
		KIT_TEST(from_and_to_may_be_spelled_otherwise),
		KIT_TEST(response_from_another_leg_is_dropped),
		KIT_TEST(changed_series_drops_a_provisional_and_makes_a_final_502),
		KIT_TEST(peer_may_answer_itself_or_add_what_is_behind_it),
		KIT_TEST(terminal_may_add_nothing_but_its_annotation),
		KIT_TEST(hundred_is_exempt_from_the_series_check_only),
		KIT_TEST(bad_gateway_of_a_node_behind_passes_without_a_series),
		KIT_TEST(response_under_an_expired_key_is_stale),
		KIT_TEST(response_for_a_leg_that_is_gone_is_dropped),
		KIT_TEST(response_through_a_new_sa_of_the_leg_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
