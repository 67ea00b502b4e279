#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/dialog.h"

/* A call set up by terminal 1 to the peer or to terminal 2, as far as the gateway knows of it. */
struct call {
	char route[256]; /* our entry as a Route line */
	struct kit_result invite;
};

static void call_to(struct gateway_kit *kit, const char *target, const char *method,
		    struct call *call)
{
	char entry[200];

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = method, .target = target},
		     &call->invite);
	assert_int_equal(call->invite.end, KIT_SENT);
	result_between(&call->invite, "Record-Route: ", "\r\n", entry, sizeof(entry));
	snprintf(call->route, sizeof(call->route), "Route: %s\r\n", entry);
}

static struct request_text by_caller(const struct call *call)
{
	return (struct request_text){.method = "BYE",
				     .target = "sip:user-b@[2001:cdef::10]:5060",
				     .to = "<sip:user-b@xyz.com>",
				     .to_tag = "b",
				     .more = call->route,
				     .cseq = "2"};
}

/* What the peer sends for its terminal: From and To turned round. */
static void send_by_callee(struct gateway_kit *kit, const struct call *call, const char *method,
			   struct kit_result *result)
{
	struct request_text request = {.method = method,
				       .target = "sip:user-a@[2001:1234::10]:5060",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .to = "<sip:user-a@abc.com>",
				       .to_tag = "a",
				       .route_security = ROUTE_SECURITY_B,
				       .more = call->route};
	struct text text;

	request_write(&request, &text);
	text_replace(&text, "<sip:user-b@xyz.com>;tag=a", "<sip:user-b@xyz.com>;tag=b");
	example_send_text(kit, BY_PEER, &text, result);
}

static void token_leads_to_the_other_leg_both_ways_and_route_goes(void **state)
{
	struct gateway_kit *kit = *state;
	struct request_text bye;
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	bye = by_caller(&call);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "Route: "));
	assert_true(result_has(&result, "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\r\n"));
	assert_int_equal(event_next(kit), CONTRACT_EVENT_DIALOG_END);
	send_by_callee(kit, &call, "BYE", &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 1);
	assert_true(result_has(&result, "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0\r\n"));
}

/* Policy is not asked again: a call that is up can be ended by both. */
static void policy_that_has_changed_does_not_hold_a_dialog_up(void **state)
{
	static const struct kit_rule none[] = {{POLICY_DENY, "*", "*", 0, 0}};
	struct gateway_kit *kit = *state;
	struct request_text bye;
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	gateway_kit_policy(kit, none, 1);
	bye = by_caller(&call);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
	send_by_callee(kit, &call, "BYE", &result);
	expect_sent(&result, LEG_TERMINAL);
}

static void changed_identities_tags_or_call_are_not_the_recorded_dialog(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{"Call-ID: call-1", "Call-ID: call-2"},
		{";tag=a", ";tag=x"},
		{"To: <sip:user-b@xyz.com>", "To: <sip:user-c@xyz.com>"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	struct text text;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	bye = by_caller(&call);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		request_write(&bye, &text);
		text_replace(&text, changes[i].from, changes[i].to);
		example_send_text(kit, BY_TERMINAL_1, &text, &result);
		expect_status(&result, 481);
	}
}

/* Every character of the token matters. */
static void token_with_any_character_changed_is_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	char *at, *end;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	bye = by_caller(&call);
	end = strchr(call.route, '@');
	for (at = strstr(call.route, "sip:") + 4; at < end; at++) {
		char was = *at;

		*at = was == 'A' ? 'B' : 'A';
		example_send(kit, BY_TERMINAL_1, &bye, &result);
		assert_int_equal(result.end, KIT_SENT);
		assert_true(result.status == 481 || result.status == 403);
		*at = was;
	}
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
}

static void stolen_token_from_another_leg_is_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	bye = by_caller(&call);
	bye.via = VIA_2;
	bye.route_security = ROUTE_SECURITY_2;
	/* As itself: not the From that was recorded. As the caller: not its own name. */
	bye.from = "<sip:user-e@abc.com>";
	example_send(kit, BY_TERMINAL_2, &bye, &result);
	expect_status(&result, 481);
	bye.from = "<sip:user-a@abc.com>";
	example_send(kit, BY_TERMINAL_2, &bye, &result);
	expect_status(&result, 403);
	/* An anonymous caller's From is nobody's name: only the leg tells. */
	example_send(
		kit, BY_TERMINAL_1,
		&(struct request_text){.from = "<sip:anonymous@anonymous.invalid>",
				       .more = "P-Preferred-Identity: <sip:user-a@abc.com>\r\n"},
		&call.invite);
	result_between(&call.invite, "Record-Route: ", "\r\n", call.route + 7,
		       sizeof(call.route) - 9);
	strcat(call.route, "\r\n");
	bye.from = "<sip:anonymous@anonymous.invalid>";
	example_send(kit, BY_TERMINAL_2, &bye, &result);
	expect_status(&result, 403);
	bye.via = VIA_1;
	bye.route_security = ROUTE_SECURITY_1;
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
}

static void methods_are_those_that_the_token_admits(void **state)
{
	static const struct {
		const char *method;
		bool is_in_call, is_in_subscription;
	} rows[] = {
		{"INVITE", true, false},  {"CANCEL", true, false},    {"BYE", true, false},
		{"PRACK", true, false},	  {"UPDATE", true, false},    {"INFO", true, false},
		{"OPTIONS", true, true},  {"MESSAGE", true, false},   {"REFER", true, true},
		{"NOTIFY", true, true},	  {"SUBSCRIBE", false, true}, {"PUBLISH", false, false},
		{"FUTURE", false, false},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text request;
	struct call call;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
		request = by_caller(&call);
		request.method = rows[i].method;
		example_send(kit, BY_TERMINAL_1, &request, &result);
		expect_status(&result, rows[i].is_in_call ? 0 : 403);
		call_to(kit, "sip:user-b@xyz.com", "SUBSCRIBE", &call);
		request.more = call.route;
		example_send(kit, BY_TERMINAL_1, &request, &result);
		expect_status(&result, rows[i].is_in_subscription ? 0 : 403);
	}
}

static void token_too_old_or_of_an_expired_key_is_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	bye = by_caller(&call);
	kit->now_ms += UINT64_C(86400) * 1000;
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
	kit->now_ms += 1000;
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_status(&result, 481);
	kit->set.max_dialog_s = 10 * 86400;
	gateway_kit_settings(kit);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
	gateway_kit_key(kit, CONTRACT_KEY_TOKEN, 2);
	assert_int_equal(key_table_delete(&kit->keys, CONTRACT_KEY_TOKEN, 1), RESULT_OK);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_status(&result, 481);
}

static void leg_that_is_gone_or_another_generation_is_481(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding again =
		gateway_kit_binding_make(kit, 1, "user-a@abc.com", "2001:1234::10");
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	again.generation = 2;
	assert_int_equal(binding_table_put(&kit->bindings, &again), RESULT_OK);
	send_by_callee(kit, &call, "BYE", &result);
	expect_status(&result, 481);
	assert_int_equal(binding_table_delete(&kit->bindings, 1, 2), RESULT_OK);
	send_by_callee(kit, &call, "BYE", &result);
	expect_status(&result, 481);
	send_by_callee(kit, &call, "ACK", &result);
	expect_drop(&result, DROP_sip_dialog_unknown);
}

/* An address that changed keeps index and generation: the call goes on to the new one. */
static void terminal_that_moved_is_still_the_leg(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding moved =
		gateway_kit_binding_make(kit, 1, "user-a@abc.com", "2001:1234::99");
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	assert_int_equal(binding_table_put(&kit->bindings, &moved), RESULT_OK);
	send_by_callee(kit, &call, "BYE", &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.remote.bytes[15], 0x99);
}

/* Another Route entry after ours. */
static void send_routed(struct gateway_kit *kit, const struct call *call, const char *next,
			struct kit_result *result)
{
	struct request_text bye = by_caller(call);
	char routes[512];

	snprintf(routes, sizeof(routes), "%s%s", call->route, next);
	bye.more = routes;
	example_send(kit, BY_TERMINAL_1, &bye, result);
}

static void next_route_entry_is_the_peers_of_the_leg_or_none(void **state)
{
	static const struct {
		const char *next;
		unsigned status;
	} rows[] = {
		{"Route: <sip:token@[2001:abcd::5060]:5060;lr>\r\n", 0},
		{"Route: <sip:[2001:abcd::5060];lr>, <sip:anywhere.example;lr>\r\n", 0},
		{"Route: <sip:token@[2001:db8::1]:5060;lr>\r\n", 403},
		{"Route: <sip:xyz.com;lr>\r\n", 403},
		{"Route: <tel:+81312345678>\r\n", 403},
		{"Route: <sip:broken\r\n", 403},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_routed(kit, &call, rows[i].next, &result);
		expect_status(&result, rows[i].status);
	}
	call_to(kit, "sip:user-e@abc.com", "INVITE", &call);
	send_routed(kit, &call, "Route: <sip:token@[2001:abcd::5060]:5060;lr>\r\n", &result);
	assert_true(result.status == 403 || result.status == 481);
}

static void any_gateway_of_the_peers_domain_may_stand_next_and_is_sent_to(void **state)
{
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct contract_peer other = gateway_kit_peer_make(3, "far.example", "2001:db8::3");
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct call call;

	gateway_kit_peer(kit, &second);
	gateway_kit_peer(kit, &other);
	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	send_routed(kit, &call, "Route: <sip:t@[2001:abcd::2];lr>\r\n", &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 2);
	send_routed(kit, &call, "Route: <sip:t@[2001:db8::3];lr>\r\n", &result);
	expect_status(&result, 403);
}

static void another_gateway_takes_the_place_of_one_that_is_lost(void **state)
{
	struct contract_peer first = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct call call;

	gateway_kit_peer(kit, &second);
	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	first.is_lost = 1;
	gateway_kit_peer(kit, &first);
	send_routed(kit, &call, "Route: <sip:t@[2001:abcd::5060];lr>\r\n", &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 2);
	assert_true(result_has(&result, "Route: <sip:t@[2001:abcd::5060];lr>\r\n"));
	second.is_lost = 1;
	gateway_kit_peer(kit, &second);
	send_routed(kit, &call, "Route: <sip:t@[2001:abcd::5060];lr>\r\n", &result);
	expect_status(&result, 503);
}

/* Via and Record-Route say TLS, and what is under their MACs holds on the way back all the same. */
static void call_over_a_tls_peer_is_found_again(void **state)
{
	struct contract_peer tls = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	struct text answer;
	struct call call;

	tls.is_tls = 1;
	gateway_kit_peer(kit, &tls);
	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	assert_true(result_has(&call.invite, "Via: SIP/2.0/TLS [2001:6789::5060]:5061;branch="));
	assert_non_null(strstr(call.route, "@[2001:6789::5060]:5061;transport=tls;lr>\r\n"));
	response_write(&call.invite, 200, "b", &answer);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	bye = by_caller(&call);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "Via: SIP/2.0/TLS "));
	assert_false(result_has(&result, "\r\nRoute: "));
	send_by_callee(kit, &call, "BYE", &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch="));
}

static void call_from_a_tls_peer_records_the_way_back_to_us_by_tls(void **state)
{
	struct contract_peer tls = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	struct kit_result result;

	tls.is_tls = 1;
	gateway_kit_peer(kit, &tls);
	example_send(kit, BY_PEER,
		     &(struct request_text){.target = "sip:user-e@abc.com",
					    .via = VIA_B,
					    .from = "<sip:user-b@xyz.com>",
					    .route_security = ROUTE_SECURITY_B},
		     &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "@[2001:6789::5060]:5061;transport=tls;lr>\r\n"));
	assert_true(result_has(&result, "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch="));
}

static void peer_whose_link_is_down_is_503(void **state)
{
	struct contract_peer down = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct request_text bye;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	down.sa_out_count = 0;
	gateway_kit_peer(kit, &down);
	bye = by_caller(&call);
	example_send(kit, BY_TERMINAL_1, &bye, &result);
	expect_status(&result, 503);
	assert_true(result_has(&result, "\r\nRetry-After: "));
}

/* Without a To tag a token counts for nothing; a To tag without a token is judged as if absent. */
static void token_and_to_tag_count_only_together(void **state)
{
	struct gateway_kit *kit = *state;
	struct request_text request;
	struct kit_result result;
	struct call call;

	call_to(kit, "sip:user-b@xyz.com", "INVITE", &call);
	request = (struct request_text){.more = call.route};
	example_send(kit, BY_TERMINAL_1, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, "Record-Route: "));
	request = (struct request_text){.target = "sip:user-d@abc.com", .to_tag = "b"};
	example_send(kit, BY_TERMINAL_1, &request, &result);
	expect_status(&result, 404);
	request = (struct request_text){.to_tag = "b"};
	example_send(kit, BY_TERMINAL_1, &request, &result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "Record-Route: "));
}

static void answer_to_a_tagged_request_keeps_its_tag(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.target = "sip:user-d@abc.com", .to_tag = "theirs"},
		     &result);
	expect_status(&result, 404);
	assert_true(result_has(&result, "To: <sip:user-d@abc.com>;tag=theirs\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(token_leads_to_the_other_leg_both_ways_and_route_goes),
		KIT_TEST(policy_that_has_changed_does_not_hold_a_dialog_up),
		KIT_TEST(changed_identities_tags_or_call_are_not_the_recorded_dialog),
		KIT_TEST(token_with_any_character_changed_is_refused),
		KIT_TEST(stolen_token_from_another_leg_is_refused),
		KIT_TEST(methods_are_those_that_the_token_admits),
		KIT_TEST(token_too_old_or_of_an_expired_key_is_refused),
		KIT_TEST(leg_that_is_gone_or_another_generation_is_481),
		KIT_TEST(terminal_that_moved_is_still_the_leg),
		KIT_TEST(next_route_entry_is_the_peers_of_the_leg_or_none),
		KIT_TEST(any_gateway_of_the_peers_domain_may_stand_next_and_is_sent_to),
		KIT_TEST(another_gateway_takes_the_place_of_one_that_is_lost),
		KIT_TEST(call_over_a_tls_peer_is_found_again),
		KIT_TEST(call_from_a_tls_peer_records_the_way_back_to_us_by_tls),
		KIT_TEST(peer_whose_link_is_down_is_503),
		KIT_TEST(token_and_to_tag_count_only_together),
		KIT_TEST(answer_to_a_tagged_request_keeps_its_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
