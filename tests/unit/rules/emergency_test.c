#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/emergency.h"

static struct sip_uri uri_of(const char *text)
{
	struct sip_uri uri;

	assert_int_equal(sip_uri_parse(slice_make(text, strlen(text)), &uri), RESULT_OK);
	return uri;
}

static bool is_one(struct gateway_kit *kit, const char *text)
{
	struct sip_uri uri = uri_of(text);

	return emergency_is(settings_view(&kit->settings), &uri);
}

/* Peer xyz.com answers; 112 and 110 are dialled. */
static void answered_put(struct gateway_kit *kit)
{
	kit->set.emergency_peer = 1;
	kit->set.emergency_count = 2;
	strcpy(kit->set.emergency[0], "112");
	strcpy(kit->set.emergency[1], "110");
	gateway_kit_settings(kit);
}

static void service_urns_and_configured_numbers_are_emergency_calls(void **state)
{
	static const char *const yes[] = {"urn:service:sos", "URN:Service:SOS.fire", "tel:112",
					  "sip:112@abc.com", "sips:110@ABC.com;user=phone"};
	static const char *const no[] = {"urn:service:sosx",  "urn:service:counseling",
					 "tel:113",	      "sip:112@xyz.com",
					 "sip:1120@abc.com",  "sip:abc.com",
					 "sip:user-a@abc.com"};
	struct gateway_kit *kit = *state;

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_false(is_one(kit, yes[i]));
	answered_put(kit);
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(is_one(kit, yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(is_one(kit, no[i]));
}

/* A policy that denies everything, and the emergency call passes all the same. */
static void emergency_call_goes_to_its_peer_whatever_the_policy_says(void **state)
{
	static const struct kit_rule deny[] = {{POLICY_DENY, "*", "*", 0, 0}};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	answered_put(kit);
	gateway_kit_policy(kit, deny, 1);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "urn:service:sos.police"},
		     &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "INVITE urn:service:sos.police SIP/2.0\r\n"));
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:112@abc.com"},
		     &result);
	expect_sent(&result, LEG_PEER);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	expect_status(&result, 404);
	/* It still may not come under another's name. */
	example_send(
		kit, BY_TERMINAL_1,
		&(struct request_text){.target = "sip:112@abc.com", .from = "<sip:user-e@abc.com>"},
		&result);
	expect_status(&result, 403);
	kit->set.emergency_peer = 9;
	gateway_kit_settings(kit);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "urn:service:sos"},
		     &result);
	expect_status(&result, 503);
}

static bool is_urgent_here(struct gateway_kit *kit, const char *target, const char *to,
			   const char *from, bool is_request, uint8_t came_by, uint8_t goes_by)
{
	struct peer peers[2] = {{.index = came_by}, {.index = goes_by}};
	struct sip_message message = {.is_request = is_request,
				      .uri = uri_of(target),
				      .to = {.uri = uri_of(to)},
				      .from = {.uri = uri_of(from)}};
	struct packet_rules rules = {
		.settings = settings_view(&kit->settings),
		.message = &message,
		.ingress = {.kind = came_by != 0 ? LEG_PEER : LEG_TERMINAL, .peer = &peers[0]},
		.egress = {.kind = goes_by != 0 ? LEG_PEER : LEG_TERMINAL, .peer = &peers[1]}};

	return emergency_is_urgent(&rules);
}

#define ONE   "tel:112"
#define OTHER "sip:user-b@xyz.com"

static void what_an_emergency_call_consists_of_is_urgent_and_nothing_else(void **state)
{
	struct gateway_kit *kit = *state;

	/* Nobody answers: nothing is urgent. */
	assert_false(is_urgent_here(kit, ONE, ONE, OTHER, true, 0, 1));
	answered_put(kit);
	/* INVITE, its BYE, the answers, and a BYE of who was called. */
	assert_true(is_urgent_here(kit, ONE, ONE, OTHER, true, 0, 1));
	assert_true(is_urgent_here(kit, OTHER, ONE, OTHER, true, 0, 1));
	assert_true(is_urgent_here(kit, OTHER, ONE, OTHER, false, 1, 0));
	assert_true(is_urgent_here(kit, OTHER, OTHER, ONE, true, 1, 0));
	/* Who says so towards others gains nothing. */
	assert_false(is_urgent_here(kit, ONE, ONE, ONE, true, 0, 2));
	assert_false(is_urgent_here(kit, OTHER, ONE, ONE, true, 2, 0));
	assert_false(is_urgent_here(kit, OTHER, ONE, ONE, false, 0, 0));
	assert_false(is_urgent_here(kit, OTHER, OTHER, OTHER, true, 0, 1));
	/* A subscriber of ours answers. */
	kit->set.emergency_peer = 0;
	gateway_kit_settings(kit);
	assert_true(is_urgent_here(kit, ONE, OTHER, OTHER, true, 1, 0));
	assert_true(is_urgent_here(kit, OTHER, ONE, OTHER, false, 0, 1));
	assert_false(is_urgent_here(kit, OTHER, ONE, ONE, true, 0, 0));
}

static void send_clear(struct gateway_kit *kit, const struct request_text *request,
		       struct kit_result *result)
{
	struct text text;

	request_write(request, &text);
	gateway_kit_receive_clear(kit, "2001:db8::1", 5060, text.bytes, text.length, result);
}

static void in_the_clear_it_passes_under_no_name_that_is_protected(void **state)
{
	struct request_text request = {
		.target = "urn:service:sos",
		.from = "<sip:anonymous@anonymous.invalid>",
		.via = "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKe\r\n",
		.route_security = "",
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	kit->set.route_security = CONTRACT_RS_ANNOTATE;
	gateway_kit_settings(kit);
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	answered_put(kit);
	send_clear(kit, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "Route-Security: [2001:db8::1]\r\n"));
	request.from = "<sip:user-a@abc.com>";
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	request.target = "sip:user-e@abc.com";
	request.from = "<sip:anonymous@anonymous.invalid>";
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
}

/* At the gateway of who answers: a nameless call comes from a peer, and policy says to whom it may.
 */
static void nameless_call_of_a_peer_is_let_in_where_such_calls_are_answered(void **state)
{
	struct request_text call = {.target = "tel:112",
				    .from = "<sip:anonymous@anonymous.invalid>",
				    .via = VIA_B,
				    .route_security = ROUTE_SECURITY_B};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_terminal(kit, 3, "tel:112", "2001:1234::112");
	example_send(kit, BY_PEER, &call, &result);
	expect_status(&result, 403);
	kit->set.emergency_count = 1;
	strcpy(kit->set.emergency[0], "112");
	gateway_kit_settings(kit);
	example_send(kit, BY_PEER, &call, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 3);
	call.target = "sip:user-e@abc.com";
	example_send(kit, BY_PEER, &call, &result);
	expect_status(&result, 403);
	call.target = "tel:112";
	call.from = "<sip:user-x@nobody.example>";
	example_send(kit, BY_PEER, &call, &result);
	expect_status(&result, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(service_urns_and_configured_numbers_are_emergency_calls),
		KIT_TEST(nameless_call_of_a_peer_is_let_in_where_such_calls_are_answered),
		KIT_TEST(emergency_call_goes_to_its_peer_whatever_the_policy_says),
		KIT_TEST(in_the_clear_it_passes_under_no_name_that_is_protected),
		KIT_TEST(what_an_emergency_call_consists_of_is_urgent_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
