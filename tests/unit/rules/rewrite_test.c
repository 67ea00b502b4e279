#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/rewrite.h"

static void record_route_stands_on_what_forms_a_dialog_and_nothing_else(void **state)
{
	static const struct {
		const char *method;
		bool is_recorded;
	} rows[] = {
		{"INVITE", true},   {"SUBSCRIBE", true}, {"REFER", true},   {"MESSAGE", false},
		{"OPTIONS", false}, {"CANCEL", false},	 {"NOTIFY", false}, {"PUBLISH", false},
		{"INFO", false},    {"FUTURE", false},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_send(kit, BY_TERMINAL_1, &(struct request_text){.method = rows[i].method},
			     &result);
		expect_sent(&result, LEG_PEER);
		assert_int_equal(result_has(&result, "\r\nRecord-Route: <sip:"),
				 rows[i].is_recorded);
	}
}

static void ours_stand_above_what_was_there(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char above[300];

	example_send(
		kit, BY_PEER,
		&(struct request_text){.target = "sip:user-e@abc.com",
				       .via = VIA_B "v: SIP/2.0/UDP [2001:cdef::10]\r\n",
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B,
				       .more = "Record-Route: <sip:t@[2001:abcd::5060];lr>\r\n"},
		&result);
	expect_sent(&result, LEG_TERMINAL);
	result_between(&result, "SIP/2.0\r\n", VIA_B "v: SIP/2.0/UDP [2001:cdef::10]\r\n", above,
		       sizeof(above));
	assert_memory_equal(above, "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bK", 54);
	assert_true(result_has(&result, "@[2001:6789::5060]:5060;lr>\r\n"
					"Record-Route: <sip:t@[2001:abcd::5060];lr>\r\n"));
	assert_true(result_has(&result,
			       "Route-Security: [2001:6789::5060];level=3\r\n" ROUTE_SECURITY_B));
}

/* All that the rest of a message says leaves as it came. */
static void what_is_not_ours_to_change_is_not_changed(void **state)
{
	static const char more[] = "Contact: <sip:user-a@[2001:1234::10]:5060>\r\n"
				   "Subject: folded\r\n and \xff\xfe odd\r\n"
				   "X-Unknown : \t spaced \r\n"
				   "Identity: abc;info=<https://abc.com/c>\r\n"
				   "Diversion: <sip:x@abc.com>\r\n";
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.more = more}, &result);
	expect_sent(&result, LEG_PEER);
	assert_true(result_has(&result, more));
}

/* However they are spread over lines. */
static void route_entries_that_are_all_ours_go_with_their_lines(void **state)
{
	static const char more[] = "X: before\r\n"
				   "Route: <sip:[2001:6789::5060];lr>, <sip:abc.com;lr>\r\n"
				   "Y: between\r\n"
				   "Route: <sip:[2001:6789::5060];lr>\r\n"
				   "Z: behind\r\n";
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.more = more}, &result);
	expect_sent(&result, LEG_PEER);
	assert_false(result_has(&result, "\r\nRoute:"));
	assert_true(result_has(&result, "\r\nX: before\r\nY: between\r\nZ: behind\r\n"));
}

/* As many lines of a kind as leave the others room. */
static void send_lines(struct gateway_kit *kit, const char *line, unsigned count,
		       struct kit_result *result)
{
	static char lines[20000];
	char *to = lines;

	for (unsigned i = 0; i < count; i++)
		to = stpcpy(to, line);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.more = lines}, result);
}

static void request_that_the_next_hop_could_not_take_is_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;

	send_lines(kit, "Via: SIP/2.0/UDP x;branch=1\r\n", 62, &result);
	expect_sent(&result, LEG_PEER);
	send_lines(kit, "Via: SIP/2.0/UDP x;branch=1\r\n", 63, &result);
	expect_status(&result, 400);
	/* The request has eight lines of its own, six may come on top. */
	send_lines(kit, "X: y\r\n", 256 - 8 - 6, &result);
	expect_sent(&result, LEG_PEER);
	send_lines(kit, "X: y\r\n", 256 - 8 - 5, &result);
	expect_status(&result, 400);
}

static void bytes_behind_the_content_length_are_cut_off(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text text;

	request_write(&(struct request_text){0}, &text);
	text_replace(&text, "Content-Length: 0\r\n\r\n",
		     "Content-Length: 4\r\n\r\nbodyINVITE sip:smuggled@abc.com SIP/2.0\r\n\r\n");
	example_send_text(kit, BY_TERMINAL_1, &text, &result);
	expect_sent(&result, LEG_PEER);
	assert_memory_equal(result.bytes + result.length - 8, "\r\n\r\nbody", 8);
}

static void branch_depends_on_all_that_tells_transactions_apart(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{"z9hG4bKt1", "z9hG4bKt2"},
		{":5060;branch", ":5061;branch"},
		{"Call-ID: call-1", "Call-ID: x"},
		{";tag=a", ";tag=b"},
		{"CSeq: 1", "CSeq: 2"},
		{"sip:user-b@xyz.com SIP", "sip:user-b@XYZ.com SIP"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	char first[64], other[64];
	struct text text;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &result);
	result_between(&result, "branch=", ";sk=", first, sizeof(first));
	assert_int_equal(strlen(first), BRANCH_CHARS);
	example_send(kit, BY_TERMINAL_1,
		     &(struct request_text){.method = "CANCEL", .more = "Subject: x\r\n"}, &result);
	result_between(&result, "branch=", ";sk=", other, sizeof(other));
	assert_string_equal(first, other);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		request_write(&(struct request_text){0}, &text);
		text_replace(&text, changes[i].from, changes[i].to);
		example_send_text(kit, BY_TERMINAL_1, &text, &result);
		result_between(&result, "branch=", ";sk=", other, sizeof(other));
		assert_string_not_equal(first, other);
	}
	/* The last eight say where it is headed, for every call alike. */
	request_write(&(struct request_text){0}, &text);
	text_replace(&text, "Call-ID: call-1", "Call-ID: x");
	example_send_text(kit, BY_TERMINAL_1, &text, &result);
	result_between(&result, "branch=", ";sk=", other, sizeof(other));
	assert_string_equal(first + BRANCH_CHARS - 8, other + BRANCH_CHARS - 8);
}

#define LONG_OURS   "2001:6789:1111:2222:3333:4444:5555:6666"
#define LONG_CALLER "2001:1234:1111:2222:3333:4444:5555:8888"
#define LONG_CALLEE "2001:1234:1111:2222:3333:4444:5555:7777"

/* Longest addresses, an annotation, a Max-Forwards that was missing: all that can be added. */
static const struct request_text longest = {
	.target = "sip:user-e@abc.com",
	.via = "Via: SIP/2.0/UDP x.y;branch=z9hG4bKt1;rport\r\n",
	.route_security = "",
	.max_forwards = "",
};

static struct gateway_kit *long_kit_create(void)
{
	static const struct kit_rule all[] = {{POLICY_ALLOW, "*", "*", 0, 0}};
	struct gateway_kit *kit = gateway_kit_create("abc.com", LONG_OURS);

	gateway_kit_policy(kit, all, 1);
	gateway_kit_terminal(kit, 1, "user-a@abc.com", LONG_CALLER);
	gateway_kit_terminal(kit, 2, "user-e@abc.com", LONG_CALLEE);
	kit->set.insecure_access = CONTRACT_INSECURE_ANY;
	kit->set.route_security_add_level = 0;
	kit->set.route_security = CONTRACT_RS_ANNOTATE;
	gateway_kit_settings(kit);
	return kit;
}

static long growth_of(const struct kit_result *result, const struct text *text)
{
	long contact = (long)strlen("sip:user-e@[" LONG_CALLEE "]:5060") -
		       (long)strlen("sip:user-e@abc.com");

	return (long)result->length - (long)text->length - contact;
}

static void longest_growth_between_terminals_stays_within_the_limit(void **state)
{
	struct gateway_kit *kit = long_kit_create();
	struct kit_result result;
	struct text text;

	(void)state;
	request_write(&longest, &text);
	example_send_text(kit, BY_TERMINAL_1, &text, &result);
	expect_sent(&result, LEG_TERMINAL);
	print_message("longest growth: %ld bytes\n", growth_of(&result, &text));
	assert_true(growth_of(&result, &text) <= LIMIT_REWRITE_GROWTH_BYTES);
	gateway_kit_destroy(kit);
}

/* Clear legs carry their addresses: with both, an annotation comes on top of the limit. */
static void longest_growth_in_clear_is_within_the_limit_and_an_annotation(void **state)
{
	struct gateway_kit *kit = long_kit_create();
	struct contract_binding clear =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", LONG_CALLEE);
	struct request_text request = longest;
	struct kit_result result;
	struct text text;

	(void)state;
	clear.sa_index = 0;
	clear.level = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &clear), RESULT_OK);
	request.from = "<sip:somebody@far.example>";
	request_write(&request, &text);
	gateway_kit_receive_clear(kit, LONG_CALLER, 65535, text.bytes, text.length, &result);
	expect_sent(&result, LEG_CLEAR);
	print_message("longest growth in clear: %ld bytes\n", growth_of(&result, &text));
	assert_true(growth_of(&result, &text) <=
		    LIMIT_REWRITE_GROWTH_BYTES + SIP_ROUTE_SECURITY_LINE_CHARS);
	gateway_kit_destroy(kit);
}

/* As a peer sends it, whose series has as many entries. */
static void send_series(struct gateway_kit *kit, unsigned entries, const char *last,
			struct kit_result *result)
{
	char series[1024] = ROUTE_SECURITY_B;

	for (unsigned i = 2; i < entries; i++)
		strcat(series, "Route-Security: [2001:cdef::10];level=3\r\n");
	strcat(series, last);
	example_send(kit, BY_PEER,
		     &(struct request_text){.target = "sip:user-e@abc.com",
					    .via = VIA_B,
					    .from = "<sip:user-b@xyz.com>",
					    .route_security = series},
		     result);
}

static void legacy_leg_gets_no_more_entries_than_can_be_put_back(void **state)
{
	static const char last[] = "Route-Security: 192.0.2.1;level=1\r\n";
	struct gateway_kit *kit = *state;
	struct kit_result result;

	example_mark_legacy(kit, BY_TERMINAL_2, true);
	send_series(kit, LIMIT_LEGACY_SERIES_ENTRIES - 1, last, &result);
	expect_sent(&result, LEG_TERMINAL);
	send_series(kit, LIMIT_LEGACY_SERIES_ENTRIES, last, &result);
	expect_status(&result, 404);
	/* What has no address cannot be packed. */
	send_series(kit, 2, "Route-Security: nonsense\r\n", &result);
	expect_status(&result, 404);
	example_mark_legacy(kit, BY_TERMINAL_2, false);
	send_series(kit, 2, last, &result);
	expect_status(&result, 404);
}

static void longest_growth_towards_a_legacy_leg_stays_within_its_limit(void **state)
{
	struct gateway_kit *kit = long_kit_create();
	struct contract_binding legacy =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", LONG_CALLEE);
	struct contract_peer peer =
		gateway_kit_peer_make(1, "xyz.com", "2001:abcd:1111:2222:3333:4444:5555:9999");
	struct request_text request = longest;
	char series[1024] = "";
	struct kit_result result;
	struct text text;

	(void)state;
	peer.is_tls = 1; /* its Record-Route entry is the longest */
	gateway_kit_peer(kit, &peer);
	legacy.is_legacy = 1;
	assert_int_equal(binding_table_put(&kit->bindings, &legacy), RESULT_OK);
	kit->set.is_legacy_restored = 1;
	gateway_kit_settings(kit);
	/* Ours and an annotation come on top: eight. */
	for (unsigned i = 0; i < LIMIT_LEGACY_SERIES_ENTRIES - 2; i++)
		strcat(series, "Route-Security: [" LONG_CALLER "];level=3\r\n");
	request.from = "<sip:user-b@xyz.com>";
	request.route_security = series;
	request_write(&request, &text);
	example_send_text(kit, BY_PEER, &text, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(kit->rules.rewriting.state.has_series);
	assert_int_equal(kit->rules.rewriting.count, LIMIT_LEGACY_SERIES_ENTRIES);
	print_message("longest growth towards a legacy leg: %ld bytes\n",
		      growth_of(&result, &text));
	assert_true(growth_of(&result, &text) > LIMIT_REWRITE_GROWTH_BYTES);
	assert_true(growth_of(&result, &text) <= LIMIT_REWRITE_GROWTH_LEGACY_BYTES);
	gateway_kit_destroy(kit);
}

static void request_that_would_grow_beyond_a_message_is_not_sent(void **state)
{
	struct gateway_kit *kit = *state;
	static char body[16400];
	struct kit_result result;
	struct text text;
	char head[64];

	request_write(&(struct request_text){0}, &text);
	memset(body, 'b', sizeof(body));
	snprintf(head, sizeof(head), "Content-Length: %zu",
		 LIMIT_SIP_MESSAGE_BYTES - text.length - 4);
	text_replace(&text, "Content-Length: 0", head);
	memcpy(text.bytes + text.length, body, LIMIT_SIP_MESSAGE_BYTES - text.length);
	text.length = LIMIT_SIP_MESSAGE_BYTES;
	example_send_text(kit, BY_TERMINAL_1, &text, &result);
	expect_drop(&result, DROP_sip_no_room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(record_route_stands_on_what_forms_a_dialog_and_nothing_else),
		KIT_TEST(ours_stand_above_what_was_there),
		KIT_TEST(what_is_not_ours_to_change_is_not_changed),
		KIT_TEST(route_entries_that_are_all_ours_go_with_their_lines),
		KIT_TEST(request_that_the_next_hop_could_not_take_is_refused),
		KIT_TEST(bytes_behind_the_content_length_are_cut_off),
		KIT_TEST(branch_depends_on_all_that_tells_transactions_apart),
		cmocka_unit_test(longest_growth_between_terminals_stays_within_the_limit),
		cmocka_unit_test(longest_growth_in_clear_is_within_the_limit_and_an_annotation),
		KIT_TEST(legacy_leg_gets_no_more_entries_than_can_be_put_back),
		cmocka_unit_test(longest_growth_towards_a_legacy_leg_stays_within_its_limit),
		KIT_TEST(request_that_would_grow_beyond_a_message_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
