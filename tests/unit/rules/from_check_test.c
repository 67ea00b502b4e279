#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/from_check.h"

static void send_clear(struct gateway_kit *kit, const struct request_text *request,
		       struct kit_result *result)
{
	struct text text;

	request_write(request, &text);
	gateway_kit_receive_clear(kit, "2001:db8::1", 5060, text.bytes, text.length, result);
}

static void from_of_another_terminal_is_refused_whatever_the_method(void **state)
{
	static const char *const methods[] = {"INVITE",	 "CANCEL",  "BYE",
					      "OPTIONS", "MESSAGE", "SUBSCRIBE",
					      "NOTIFY",	 "PUBLISH", "FUTURE"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		example_send(kit, BY_TERMINAL_1,
			     &(struct request_text){.method = methods[i],
						    .from = "<sip:user-e@abc.com>"},
			     &result);
		expect_status(&result, 403);
		assert_int_equal(event_next(kit), CONTRACT_EVENT_SENDER_MISMATCH);
	}
}

/* RFC 3261 19.1.4: one identity however it is spelled, and never another. */
static void from_is_compared_in_canonical_form(void **state)
{
	static const struct {
		const char *from;
		unsigned status;
	} rows[] = {
		{"<sip:user-a@ABC.com>", 0},
		{"\"Somebody\" <sip:user%2Da@abc.com;transport=udp>", 0},
		{"sip:user-a@abc.com", 0},
		{"<sips:user-a@abc.com>", 0},
		{"<sip:user-a@abc.com:5060>", 0},
		{"<sip:USER-A@abc.com>", 403},
		{"<sip:user-a@abc.com.>", 403},
		{"<sip:user-a@abc.com:5070>", 403},
		{"<sip:user-a:secret@abc.com>", 403},
		{"\"sip:user-a@abc.com\" <sip:user-e@abc.com>", 403},
		{"<sip:user-e@abc.com?From=sip:user-a@abc.com>", 400},
		{"<sip:abc.com>", 403},
		{"<tel:+81312345678>", 403},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.from = rows[i].from},
			     &result);
		expect_status(&result, rows[i].status);
	}
}

static void second_from_line_does_not_help(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.from = "<sip:user-e@abc.com>",
					    .more = "From : <sip:user-a@abc.com>;tag=a\r\n"},
		     &result);
	expect_status(&result, 400);
}

static void anonymous_from_passes_with_a_bound_preferred_identity_only(void **state)
{
	static const char anonymous[] = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(
		kit, BY_TERMINAL_1,
		&(struct request_text){.from = anonymous,
				       .more = "P-Preferred-Identity: <sip:user-a@abc.com>\r\n"},
		&result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "P-Preferred-Identity"));
	example_send(
		kit, BY_TERMINAL_1,
		&(struct request_text){.from = anonymous,
				       .more = "P-Preferred-Identity: <sip:user-e@abc.com>\r\n"},
		&result);
	expect_status(&result, 403);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.from = anonymous}, &result);
	expect_status(&result, 403);
	/* A token that is not one does not excuse it. */
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.from = anonymous,
					    .to_tag = "b",
					    .more = "Route: <sip:token@[2001:6789::5060];lr>\r\n"},
		     &result);
	expect_status(&result, 481);
}

static void peer_speaks_for_its_own_domains_only(void **state)
{
	struct request_text request = {.target = "sip:user-e@abc.com",
				       .via = VIA_B,
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	request.from = "<sip:user-a@abc.com>";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 403);
	assert_int_equal(result.egress.kind, LEG_PEER);
	request.from = "<tel:+81312345678>";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 403);
	request.from = "<sip:anonymous@anonymous.invalid>";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 403);
	request.more = "P-Asserted-Identity: <sip:user-b@xyz.com>\r\n";
	example_send(kit, BY_PEER, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	request.more = "P-Asserted-Identity: <sip:user-a@abc.com>\r\n";
	example_send(kit, BY_PEER, &request, &result);
	expect_status(&result, 403);
}

static void to_and_request_uri_must_be_the_same_without_a_token(void **state)
{
	static const struct {
		const char *to;
		unsigned status;
	} rows[] = {
		{"<sip:user-b@XYZ.COM>", 0},	  {"\"B\" <sip:user-b@xyz.com;user=phone>", 0},
		{"<sip:user-c@xyz.com>", 400},	  {"<sip:user-b@xyz.com:5070>", 400},
		{"<http://user-b@xyz.com>", 400},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.to = rows[i].to}, &result);
		expect_status(&result, rows[i].status);
	}
}

static void request_to_the_gateway_itself_goes_to_the_control_plane(void **state)
{
	static const char *const targets[] = {"sip:abc.com", "sip:[2001:6789::5060]",
					      "sip:[2001:6789::5060]:5060", "sip:ABC.com;lr"};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct request_text request = {.method = "OPTIONS", .target = targets[i]};

		example_send(kit, BY_TERMINAL_1, &request, &result);
		assert_int_equal(result.end, KIT_TO_CONTROL);
		request.from = "<sip:user-e@abc.com>";
		example_send(kit, BY_TERMINAL_1, &request, &result);
		expect_status(&result, 403);
		request.from = NULL;
		request.route_security = "";
		example_send(kit, BY_TERMINAL_1, &request, &result);
		expect_status(&result, 403);
	}
}

static void user_at_one_of_our_addresses_is_unknown(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.target = "sip:user-e@[2001:6789::5060]"}, &result);
	expect_status(&result, 404);
}

static void clear_sender_is_refused_unless_insecure_access_is_any(void **state)
{
	const struct request_text request = {.target = "sip:user-e@abc.com",
					     .from = "<sip:user-d@abc.com>",
					     .route_security = ""};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	kit->set.insecure_access = CONTRACT_INSECURE_AUTHENTICATED;
	gateway_kit_settings(kit);
	send_clear(kit, &request, &result);
	assert_int_equal(result.end, KIT_TO_CONTROL);
	kit->set.insecure_access = CONTRACT_INSECURE_ANY;
	gateway_kit_settings(kit);
	send_clear(kit, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "Route-Security: [2001:6789::5060];level=3\r\n"
					"Route-Security: [2001:db8::1]\r\n"));
}

static void name_with_a_secure_channel_is_never_served_in_clear(void **state)
{
	struct request_text request = {.target = "sip:user-e@abc.com", .route_security = ""};
	struct contract_identity must = gateway_kit_identity_make("user-f@abc.com", 0);
	struct gateway_kit *kit = *state;
	struct kit_result result;

	kit->set.insecure_access = CONTRACT_INSECURE_ANY;
	gateway_kit_settings(kit);
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	must.must_be_secure = 1;
	assert_int_equal(identity_table_put(&kit->identities, &must), RESULT_OK);
	request.from = "<sip:user-f@abc.com>";
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	request.from = "<sip:nobody@abc.com>";
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	request.from = "<sip:user-b@xyz.com>";
	send_clear(kit, &request, &result);
	expect_status(&result, 403);
	request.from = "<sip:somebody@far.example>";
	send_clear(kit, &request, &result);
	expect_sent(&result, LEG_TERMINAL);
}

/* Who is registered at the clear sender's address, at this port of it. */
static void register_in_clear(struct gateway_kit *kit, const char *aor, uint16_t port)
{
	struct contract_binding binding = gateway_kit_binding_make(kit, 9, aor, "2001:db8::1");
	struct contract_identity identity = gateway_kit_identity_make(aor, 0);

	binding.sa_index = 0;
	binding.level = 0;
	binding.address.port = port;
	identity.binding_index = 9;
	identity.binding_generation = 1;
	assert_int_equal(binding_table_put(&kit->bindings, &binding), RESULT_OK);
	assert_int_equal(identity_table_put(&kit->identities, &identity), RESULT_OK);
}

/* Known by his address or not: what is let through, and with which lines, is the same. */
static void who_is_registered_at_an_address_does_not_change_what_is_let_in_from_it(void **state)
{
	struct request_text request = {.target = "sip:user-e@abc.com", .route_security = ""};
	struct gateway_kit *kit = *state;
	struct kit_result known, unknown;

	kit->set.insecure_access = CONTRACT_INSECURE_ANY;
	gateway_kit_settings(kit);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const from[] = {"<sip:user-d@abc.com>", "<sip:somebody@far.example>",
						   "<sip:user-a@abc.com>"};
		bool is_secure = i == 2;

		request.from = from[i];
		register_in_clear(kit, "user-d@abc.com", 5060);
		send_clear(kit, &request, &known);
		register_in_clear(kit, "user-d@abc.com", 5061);
		send_clear(kit, &request, &unknown);
		if (is_secure)
			expect_status(&known, 403);
		else
			expect_sent(&known, LEG_TERMINAL);
		assert_int_equal(known.end, unknown.end);
		assert_int_equal(known.length, unknown.length);
		assert_memory_equal(known.bytes, unknown.bytes, known.length);
	}
	kit->set.insecure_access = CONTRACT_INSECURE_OFF;
	gateway_kit_settings(kit);
	register_in_clear(kit, "user-d@abc.com", 5060);
	request.from = "<sip:user-d@abc.com>";
	send_clear(kit, &request, &known);
	expect_status(&known, 403);
}

static void names_longer_than_any_here_are_refused(void **state)
{
	char target[400], from[400];
	struct gateway_kit *kit = *state;
	struct kit_result result;

	snprintf(target, sizeof(target), "sip:%0300d@xyz.com", 1);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = target}, &result);
	expect_status(&result, 404);
	snprintf(from, sizeof(from), "<sip:%0300d@abc.com>", 1);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.from = from}, &result);
	expect_status(&result, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(from_of_another_terminal_is_refused_whatever_the_method),
		KIT_TEST(from_is_compared_in_canonical_form),
		KIT_TEST(second_from_line_does_not_help),
		KIT_TEST(anonymous_from_passes_with_a_bound_preferred_identity_only),
		KIT_TEST(peer_speaks_for_its_own_domains_only),
		KIT_TEST(to_and_request_uri_must_be_the_same_without_a_token),
		KIT_TEST(request_to_the_gateway_itself_goes_to_the_control_plane),
		KIT_TEST(user_at_one_of_our_addresses_is_unknown),
		KIT_TEST(clear_sender_is_refused_unless_insecure_access_is_any),
		KIT_TEST(who_is_registered_at_an_address_does_not_change_what_is_let_in_from_it),
		KIT_TEST(name_with_a_secure_channel_is_never_served_in_clear),
		KIT_TEST(names_longer_than_any_here_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
