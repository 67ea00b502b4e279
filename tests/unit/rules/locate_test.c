#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/locate.h"

static void send_to(struct gateway_kit *kit, const char *method, const char *target,
		    struct kit_result *result)
{
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = method, .target = target},
		     result);
}

static void own_callee_gets_the_registered_contact_as_request_uri(void **state)
{
	static const char *const methods[] = {"INVITE", "CANCEL", "ACK", "MESSAGE"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char line[128];

		snprintf(line, sizeof(line), "%s sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n",
			 methods[i]);
		send_to(kit, methods[i], "sip:user-e@ABC.com;user=ip", &result);
		expect_sent(&result, LEG_TERMINAL);
		assert_int_equal(result.egress.binding->index, 2);
		assert_memory_equal(result.bytes, line, strlen(line));
	}
}

static void binding_without_a_contact_gets_the_request_as_it_came(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding bare =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", "2001:1234::e");
	struct kit_result result;

	bare.contact[0] = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &bare), RESULT_OK);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "INVITE sip:user-e@abc.com SIP/2.0\r\n"));
}

static void request_to_a_peer_keeps_its_request_uri(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_to(kit, "INVITE", "sip:user%2Db@xyz.com;user=ip", &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "INVITE sip:user%2Db@xyz.com;user=ip SIP/2.0\r\n"));
}

static void callee_who_is_not_registered_is_480_and_an_ack_dropped(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	gateway_kit_identity(kit, "user-f@abc.com", 0);
	send_to(kit, "INVITE", "sip:user-f@abc.com", &result);
	expect_status(&result, 480);
	send_to(kit, "ACK", "sip:user-f@abc.com", &result);
	expect_drop(&result, DROP_sip_not_registered);
	assert_int_equal(binding_table_delete(&kit->bindings, 2, 1), RESULT_OK);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_status(&result, 480);
}

static void binding_that_has_expired_is_480(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	kit->now_ms += UINT64_C(86399) * 1000;
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
	kit->now_ms += 1000;
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_status(&result, 480);
}

/* A gateway of our own domain that has user-s, as the control plane pushed it ahead. */
static void sibling_put(struct gateway_kit *kit, uint32_t sa_out_count)
{
	struct contract_peer sibling = gateway_kit_peer_make(3, "abc.com", "2001:6789::5061");
	struct contract_identity there = gateway_kit_identity_make("user-s@abc.com", 0);

	sibling.is_sibling = 1;
	sibling.sa_out_count = sa_out_count;
	gateway_kit_peer(kit, &sibling);
	there.sibling = 3;
	assert_int_equal(identity_table_put(&kit->identities, &there), RESULT_OK);
}

static void callee_at_a_sibling_is_reached_there(void **state)
{
	static const char *const methods[] = {"INVITE", "CANCEL", "ACK", "MESSAGE"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	sibling_put(kit, 1);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		send_to(kit, methods[i], "sip:user-s@abc.com", &result);
		expect_sent(&result, LEG_PEER);
		assert_int_equal(result.egress.peer->index, 3);
		assert_true(result_has(&result, " sip:user-s@abc.com SIP/2.0\r\n"));
	}
	sibling_put(kit, 0);
	send_to(kit, "INVITE", "sip:user-s@abc.com", &result);
	expect_status(&result, 503);
}

static void callee_who_is_here_is_not_looked_for_elsewhere(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_identity here = gateway_kit_identity_make("user-e@abc.com", 0);
	struct kit_result result;

	sibling_put(kit, 1);
	here.sibling = 3;
	here.binding_index = 2;
	here.binding_generation = 1;
	assert_int_equal(identity_table_put(&kit->identities, &here), RESULT_OK);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* Two gateways that each believe the other has the callee send nothing around. */
static void request_from_a_sibling_goes_to_no_sibling(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_peer sibling = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct kit_result result;

	sibling_put(kit, 1);
	sibling.is_sibling = 1;
	gateway_kit_peer(kit, &sibling);
	example_send(kit, BY_PEER,
		     &(struct request_text){.method = "INVITE",
					    .target = "sip:user-s@abc.com",
					    .via = VIA_B,
					    .from = "<sip:user-b@xyz.com>",
					    .route_security = ROUTE_SECURITY_B},
		     &result);
	expect_status(&result, 480);
}

static void peer_whose_link_is_down_is_503(void **state)
{
	struct contract_peer down = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	struct kit_result result;

	down.sa_out_count = 0;
	gateway_kit_peer(kit, &down);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 503);
	send_to(kit, "ACK", "sip:user-b@xyz.com", &result);
	expect_drop(&result, DROP_sip_peer_down);
}

static void request_goes_to_the_next_gateway_when_one_does_not_answer(void **state)
{
	static const char *const methods[] = {"INVITE", "CANCEL", "ACK", "MESSAGE"};
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct contract_peer lost = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	struct kit_result result;

	second.priority = 2;
	gateway_kit_peer(kit, &second);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 1);
	lost.is_lost = 1;
	gateway_kit_peer(kit, &lost);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		send_to(kit, methods[i], "sip:user-b@xyz.com", &result);
		expect_sent(&result, LEG_PEER);
		assert_int_equal(result.egress.peer->index, 2);
	}
	second.is_lost = 1;
	gateway_kit_peer(kit, &second);
	send_to(kit, "INVITE", "sip:user-b@xyz.com", &result);
	expect_status(&result, 503);
}

static void callee_registered_in_clear_is_reached_in_clear(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding clear =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", "2001:1234::e");
	struct kit_result result, answer;
	struct text text;

	clear.sa_index = 0;
	clear.level = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &clear), RESULT_OK);
	send_to(kit, "INVITE", "sip:user-e@abc.com", &result);
	expect_sent(&result, LEG_CLEAR);
	assert_true(result_has(&result, "INVITE sip:user-e@[2001:1234::e]:5060 SIP/2.0\r\n"));
	assert_false(result_has(&result, "Route-Security: [2001:6789::5060]"));
	response_write(&result, 200, "b", &text);
	gateway_kit_receive_clear(kit, "2001:1234::e", 5060, text.bytes, text.length, &answer);
	expect_sent(&answer, LEG_TERMINAL);
	/* Where we sent no entry the caller sees that the last link was open. */
	assert_true(result_has(&answer, "Route-Security: [2001:6789::5060]\r\n" ROUTE_SECURITY_1));
	gateway_kit_receive_clear(kit, "2001:1234::e", 5061, text.bytes, text.length, &answer);
	expect_drop(&answer, DROP_sip_response_leg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(own_callee_gets_the_registered_contact_as_request_uri),
		KIT_TEST(binding_without_a_contact_gets_the_request_as_it_came),
		KIT_TEST(request_to_a_peer_keeps_its_request_uri),
		KIT_TEST(callee_who_is_not_registered_is_480_and_an_ack_dropped),
		KIT_TEST(binding_that_has_expired_is_480),
		KIT_TEST(callee_at_a_sibling_is_reached_there),
		KIT_TEST(callee_who_is_here_is_not_looked_for_elsewhere),
		KIT_TEST(request_from_a_sibling_goes_to_no_sibling),
		KIT_TEST(peer_whose_link_is_down_is_503),
		KIT_TEST(request_goes_to_the_next_gateway_when_one_does_not_answer),
		KIT_TEST(callee_registered_in_clear_is_reached_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
