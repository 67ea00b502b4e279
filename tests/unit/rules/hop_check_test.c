#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/hop_check.h"

static void annotate(struct gateway_kit *kit)
{
	kit->set.route_security = CONTRACT_RS_ANNOTATE;
	gateway_kit_settings(kit);
}

/* What a terminal says of itself that is missing or wrong. */
static const char *const wrong[] = {
	"",
	"Route-Security: [2001:1234::10];level=2\r\n",
	"Route-Security: [2001:1234::10]\r\n",
	"Route-Security: [2001:1234::11];level=3\r\n",
	"Route-Security: [2001:1234::10];level=3;more=1\r\n",
	"Route-Security: 2001:1234::10;level=3\r\n",
	"Route-Security: terminal.abc.com;level=3\r\n",
	"Route-Security: [2001:1234::10];level=33\r\n",
	"Route-Security: \r\n",
};

static void missing_or_wrong_entry_is_refused_where_required(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = wrong[i]},
			     &result);
		expect_status(&result, 403);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_ROUTE_SECURITY);
	}
}

static void missing_or_wrong_entry_is_annotated_and_kept_where_configured(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char expected[512];

	annotate(kit);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = wrong[i]},
			     &result);
		expect_sent(&result, LEG_PEER);
		snprintf(expected, sizeof(expected),
			 "Route-Security: [2001:6789::5060];level=3\r\n"
			 "Route-Security: [2001:1234::10]\r\n%s",
			 wrong[i]);
		assert_true(result_has(&result, expected));
	}
}

static void second_entry_of_a_terminal_is_a_forgery_even_where_annotated(void **state)
{
	static const char *const forged[] = {
		ROUTE_SECURITY_1 "Route-Security: [2001:db8::1];level=3\r\n",
		"Route-Security: [2001:1234::10];level=3, [2001:db8::1];level=3\r\n",
		ROUTE_SECURITY_1 ROUTE_SECURITY_1,
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	annotate(kit);
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		example_send(kit, BY_TERMINAL_1,
			     &(struct request_text){.route_security = forged[i]}, &result);
		expect_status(&result, 403);
	}
}

static void any_spelling_of_the_address_is_the_address(void **state)
{
	static const char *const spelled[] = {
		"Route-Security: [2001:1234:0::10];level=3\r\n",
		"route-security :  [2001:1234::0010] ; LEVEL = 3\r\n",
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
		example_send(kit, BY_TERMINAL_1,
			     &(struct request_text){.route_security = spelled[i]}, &result);
		expect_sent(&result, LEG_PEER);
		assert_true(result_has(&result, spelled[i]));
	}
}

static struct request_text from_peer(const char *series)
{
	return (struct request_text){.target = "sip:user-e@abc.com",
				     .via = VIA_B,
				     .from = "<sip:user-b@xyz.com>",
				     .route_security = series};
}

static void series_of_a_peer_is_kept_and_its_top_judged(void **state)
{
	struct request_text good =
		from_peer(ROUTE_SECURITY_B "Route-Security: [2001:cdef::10];level=1\r\n");
	struct request_text bad = from_peer("Route-Security: [2001:cdef::10];level=3\r\n");
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_PEER, &good, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "Route-Security: [2001:6789::5060];level=3\r\n"
					"Route-Security: [2001:abcd::5060];level=3\r\n"
					"Route-Security: [2001:cdef::10];level=1\r\n"));
	example_send(kit, BY_PEER, &bad, &result);
	expect_status(&result, 403);
	annotate(kit);
	example_send(kit, BY_PEER, &bad, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "Route-Security: [2001:abcd::5060]\r\n"
					"Route-Security: [2001:cdef::10];level=3\r\n"));
}

static void a_peers_own_setting_goes_before_that_for_everybody(void **state)
{
	struct request_text bad = from_peer("Route-Security: [2001:cdef::10];level=3\r\n");
	struct gateway_kit *kit = *state;
	struct contract_peer peer = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct kit_result result;

	peer.route_security = CONTRACT_RS_ANNOTATE;
	gateway_kit_peer(kit, &peer);
	example_send(kit, BY_PEER, &bad, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "Route-Security: [2001:abcd::5060]\r\n"
					"Route-Security: [2001:cdef::10];level=3\r\n"));
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = ""}, &result);
	expect_status(&result, 403);
	annotate(kit);
	peer.route_security = CONTRACT_RS_REQUIRE;
	gateway_kit_peer(kit, &peer);
	example_send(kit, BY_PEER, &bad, &result);
	expect_status(&result, 403);
}

/* A series of count entries with the peer's on top. */
static const char *series(char *out, unsigned count)
{
	char *to = stpcpy(out, ROUTE_SECURITY_B);

	for (unsigned i = 1; i < count; i++)
		to = stpcpy(to, "Route-Security: [2001:cdef::10];level=3\r\n");
	return out;
}

static void request_that_would_leave_with_a_seventeenth_entry_is_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char lines[2048];
	struct request_text request = from_peer(series(lines, 15));

	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	series(lines, 16);
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 400);
	series(lines, 17);
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 400);
}

static void link_below_the_add_level_gets_no_entry_and_is_excused(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding weak =
		gateway_kit_binding_make(kit, 1, "user-a@abc.com", "2001:1234::10");
	struct kit_result result;

	weak.level = 2;
	assert_int_equal(binding_table_put(&kit->bindings, &weak), RESULT_OK);
	kit->set.route_security_add_level = 3;
	gateway_kit_settings(kit);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = ""}, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "Route-Security: [2001:6789::5060];level=3\r\n"
					"Route-Security: [2001:1234::10]\r\n"));
	example_send(kit, BY_TERMINAL_2,
		     &(struct request_text){.target = "sip:user-a@abc.com",
					    .via = VIA_2,
					    .from = "<sip:user-e@abc.com>",
					    .route_security = ROUTE_SECURITY_2},
		     &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_false(result_has(&result, "Route-Security: [2001:6789::5060]"));
}

/* Marked by the operator as one who does not know the header: `require` is not for it. */
static void legacy_terminal_is_always_annotated_and_others_are_not(void **state)
{
	struct request_text other = {.via = VIA_2,
				     .from = "<sip:user-e@abc.com>",
				     .route_security = ""};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_mark_legacy(kit, BY_TERMINAL_1, false);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.route_security = wrong[i]},
			     &result);
		expect_sent(&result, LEG_PEER);
		assert_true(result_has(&result, "Route-Security: [2001:6789::5060];level=3\r\n"
						"Route-Security: [2001:1234::10]\r\n"));
	}
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.route_security = ROUTE_SECURITY_1 ROUTE_SECURITY_1},
		     &result);
	expect_status(&result, 403);
	example_send(kit, BY_TERMINAL_2, &other, &result);
	expect_status(&result, 403);
}

static void options_of_a_peer_to_us_are_answered_and_others_go_to_the_control_plane(void **state)
{
	struct request_text ask = {.method = "OPTIONS",
				   .target = "sip:[2001:6789::5060]",
				   .from = "<sip:xyz.com>",
				   .via = VIA_B,
				   .route_security = ROUTE_SECURITY_B,
				   .max_forwards = "Max-Forwards: 1\r\n"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_PEER, &ask, &result);
	expect_status(&result, 200);
	assert_int_equal(result.egress.peer->index, 1);
	assert_true(result_has(&result, VIA_B));
	ask.route_security = "";
	example_send(kit, BY_PEER, &ask, &result);
	expect_status(&result, 403);
	ask = (struct request_text){.method = "OPTIONS", .target = "sip:abc.com"};
	example_send(kit, BY_TERMINAL_1, &ask, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(options_of_a_peer_to_us_are_answered_and_others_go_to_the_control_plane),
		KIT_TEST(legacy_terminal_is_always_annotated_and_others_are_not),
		KIT_TEST(missing_or_wrong_entry_is_refused_where_required),
		KIT_TEST(missing_or_wrong_entry_is_annotated_and_kept_where_configured),
		KIT_TEST(a_peers_own_setting_goes_before_that_for_everybody),
		KIT_TEST(second_entry_of_a_terminal_is_a_forgery_even_where_annotated),
		KIT_TEST(any_spelling_of_the_address_is_the_address),
		KIT_TEST(series_of_a_peer_is_kept_and_its_top_judged),
		KIT_TEST(request_that_would_leave_with_a_seventeenth_entry_is_refused),
		KIT_TEST(link_below_the_add_level_gets_no_entry_and_is_excused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
