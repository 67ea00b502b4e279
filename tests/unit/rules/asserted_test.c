#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/asserted.h"

#define ANONYMOUS "\"Anonymous\" <sip:anonymous@anonymous.invalid>"

static void trust(struct gateway_kit *kit)
{
	struct contract_peer peer = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");

	peer.is_trusted = 1;
	gateway_kit_peer(kit, &peer);
}

static void identity_headers_of_a_terminal_never_pass(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	trust(kit);
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){
			     .more = "P-Asserted-Identity : <sip:user-e@abc.com>\r\n"
				     "Subject: between\r\n"
				     "p-asserted-identity: <tel:+8131>,\r\n <sip:x@abc.com>\r\n"
				     "P-Preferred-Identity: <sip:user-a@abc.com>\r\n"
				     "Remote-Party-ID: <sip:user-e@abc.com>\r\n"
				     "Referred-By: <sip:user-e@abc.com>\r\n"},
		     &result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "sserted-"));
	assert_false(result_has(&result, "P-Preferred"));
	assert_false(result_has(&result, "Remote-Party"));
	assert_true(result_has(&result, "\r\nSubject: between\r\nReferred-By: <sip:user-e@"));
}

static void ours_is_added_for_an_anonymous_from_towards_a_trusted_peer_only(void **state)
{
	const struct request_text request = {
		.from = ANONYMOUS, .more = "P-Preferred-Identity: <sip:user-a@abc.com>\r\n"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "P-Asserted-Identity"));
	trust(kit);
	example_send(kit, BY_TERMINAL_1, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "\r\nP-Asserted-Identity: <sip:user-a@abc.com>\r\n"));
	assert_true(result_has(&result, "From: " ANONYMOUS ";tag=a\r\n"));
	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	assert_false(result_has(&result, "P-Asserted-Identity"));
	kit->set.is_identity_always_asserted = 1;
	gateway_kit_settings(kit);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	assert_true(result_has(&result, "\r\nP-Asserted-Identity: <sip:user-a@abc.com>\r\n"));
}

static void that_of_a_peer_reaches_trusted_terminals_unless_privacy_forbids(void **state)
{
	struct request_text request = {.target = "sip:user-e@abc.com",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B,
				       .more = "P-Asserted-Identity: <sip:user-b@xyz.com>\r\n"};
	struct gateway_kit *kit = *state;
	struct contract_binding binding =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", "2001:1234::e");
	struct kit_result result;

	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_false(result_has(&result, "P-Asserted-Identity"));
	trust(kit);
	example_send(kit, BY_PEER, &request, &result);
	assert_true(result_has(&result, "P-Asserted-Identity: <sip:user-b@xyz.com>\r\n"));
	request.more = "P-Asserted-Identity: <sip:user-b@xyz.com>\r\nPrivacy: header; ID\r\n";
	example_send(kit, BY_PEER, &request, &result);
	assert_false(result_has(&result, "P-Asserted-Identity"));
	assert_true(result_has(&result, "\r\nPrivacy: header; ID\r\n"));
	request.more = "P-Asserted-Identity: <sip:user-b@xyz.com>\r\n";
	binding.is_untrusted = 1;
	assert_int_equal(binding_table_put(&kit->bindings, &binding), RESULT_OK);
	example_send(kit, BY_PEER, &request, &result);
	assert_false(result_has(&result, "P-Asserted-Identity"));
}

static void responses_of_terminals_lose_them_alike(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text answer;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-e@abc.com"},
		     &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, "Content-Length: 0",
		     "P-Asserted-Identity: <sip:user-d@abc.com>\r\nContent-Length: 0");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_false(result_has(&result, "P-Asserted-Identity"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(identity_headers_of_a_terminal_never_pass),
		KIT_TEST(ours_is_added_for_an_anonymous_from_towards_a_trusted_peer_only),
		KIT_TEST(that_of_a_peer_reaches_trusted_terminals_unless_privacy_forbids),
		KIT_TEST(responses_of_terminals_lose_them_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
