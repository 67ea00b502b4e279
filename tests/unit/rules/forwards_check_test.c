#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/forwards_check.h"

static void last_hop_is_483_and_a_missing_count_leaves_as_70(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.max_forwards = "Max-Forwards: 0\r\n"}, &result);
	expect_status(&result, 483);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.max_forwards = ""}, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "\r\nMax-Forwards: 70\r\n"));
}

static void count_is_lowered_in_place(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"Max-Forwards: 1\r\n", "Max-Forwards: 0\r\n"},
		{"Max-Forwards: 100\r\n", "Max-Forwards: 99\r\n"},
		{"max-forwards :\t 0070\r\n", "max-forwards :\t 69\r\n"},
		{"Max-Forwards: 255\r\n", "Max-Forwards: 254\r\n"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1,
			     &(struct request_text){.max_forwards = rows[i].before}, &result);
		expect_sent(&result, LEG_PEER);
		assert_true(result_has(&result, rows[i].after));
	}
}

/* A request that left by the peer comes back by it: 2 is the same way, anything else a spiral. */
static void come_back(struct gateway_kit *kit, const struct kit_result *sent, const char *from,
		      const char *to, struct kit_result *result)
{
	struct text text = {.length = sent->length};

	memcpy(text.bytes, sent->bytes, sent->length);
	text_replace(&text, "Via: ", VIA_B "Via: ");
	text_replace(&text, "Route-Security: ", ROUTE_SECURITY_B "Route-Security: ");
	text_replace(&text, from, to);
	example_send_text(kit, BY_PEER, &text, result);
}

static void request_that_comes_back_on_the_same_way_is_a_loop(void **state)
{
	struct contract_peer transit = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct request_text request = {.target = "sip:user-x@far.example",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B};
	struct contract_peer far = gateway_kit_peer_make(2, "far.example", "2001:db8::2");
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;

	transit.is_transit = 1;
	strcpy(transit.reach[0], "far.example");
	transit.reach_count = 1;
	gateway_kit_peer(kit, &transit);
	gateway_kit_peer(kit, &far);
	example_send(kit, BY_PEER, &request, &sent);
	expect_sent(&sent, LEG_PEER);
	come_back(kit, &sent, "Max-Forwards", "Max-Forwards", &result);
	expect_status(&result, 482);
	/* Another Request-URI on the way round: a spiral. */
	come_back(kit, &sent, "sip:user-x@far.example SIP", "sip:user-y@far.example SIP", &result);
	assert_int_not_equal(result.status, 482);
}

static void via_that_only_looks_like_ours_is_no_loop(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_PEER,
		     &(struct request_text){.target = "sip:user-e@abc.com",
					    .via = VIA_B
					    "Via: SIP/2.0/UDP [2001:6789::5060]:5060;"
					    "branch=z9hG4bKAAAAAAAAAAAA00000000;sk=AAAA\r\n",
					    .from = "<sip:user-b@xyz.com>",
					    .route_security = ROUTE_SECURITY_B},
		     &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* Or a spiral inside a dialog would be taken for a loop. */
static void digits_of_the_way_depend_on_the_target_in_a_dialog_too(void **state)
{
	struct gateway_kit *kit = *state;
	struct request_text request = {
		.method = "BYE",
		.target = "sip:user-e@[2001:1234::e]",
		.to = "<sip:user-e@abc.com>",
		.to_tag = "e",
		.more = "Route: <sip:token@[2001:6789::5060]:5060;lr>\r\n",
	};
	char digits[BRANCH_ROUTING_CHARS];
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1, &request, &result);
	assert_true(kit->rules.has_token && kit->rules.has_branch);
	memcpy(digits, kit->rules.branch + BRANCH_CHARS - BRANCH_ROUTING_CHARS, sizeof(digits));
	request.target = "sip:user-e@[2001:1234::f]";
	example_send(kit, BY_TERMINAL_1, &request, &result);
	assert_memory_not_equal(digits, kit->rules.branch + BRANCH_CHARS - BRANCH_ROUTING_CHARS,
				sizeof(digits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(last_hop_is_483_and_a_missing_count_leaves_as_70),
		KIT_TEST(count_is_lowered_in_place),
		KIT_TEST(request_that_comes_back_on_the_same_way_is_a_loop),
		KIT_TEST(via_that_only_looks_like_ours_is_no_loop),
		KIT_TEST(digits_of_the_way_depend_on_the_target_in_a_dialog_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
