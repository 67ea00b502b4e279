#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/packet_rules.h"
#include "tests/unit/event_taken.h"

/* The short cut for plain URIs and the library's own way give one and the same text. */
static void canonical_form_is_that_of_the_library_for_every_spelling(void **state)
{
	static const char *const uris[] = {
		"sip:user-a@abc.com",
		"sip:user-a@ABC.com",
		"sips:user-a@abc.com",
		"sip:user-a@abc.com:5060",
		"sip:user-a@abc.com:5070",
		"sip:user%2Da@abc.com",
		"sip:u(s)e'r!*~_.@abc.com",
		"sip:user&=+$,;?/@abc.com",
		"sip:a@1.2.3.4",
		"sip:a@[2001:DB8::1]",
		"sip:a@abc.com.",
		"sip:abc.com",
		"sip:a:b@abc.com",
		"sip:a@abc.com;x=y",
		"tel:+81-3-1234-5678",
		"urn:service:SOS",
		"sip:a@host1",
		"sip:a@a_b.com",
		"sip:USER@abc.com;transport=udp",
	};
	struct gateway_kit *kit = *state;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct sip_uri uri;
		char expected[256];
		struct writer w = writer_make(expected, sizeof(expected));
		struct slice aor;

		if (sip_uri_parse(slice_make(uris[i], strlen(uris[i])), &uri) != RESULT_OK)
			fail_msg("%s does not parse", uris[i]);
		assert_int_equal(sip_uri_canonical_aor(&uri, &w), RESULT_OK);
		kit->rules.aor_count = 0;
		aor = rules_canonical_text(&kit->rules, &uri);
		assert_true(slice_is_equal(aor, slice_make(expected, w.len)));
	}
}

static void domain_of_a_name_is_its_host_without_port(void **state)
{
	static const struct {
		const char *aor, *domain;
	} rows[] = {
		{"user-a@abc.com", "abc.com"},
		{"user-a@abc.com:5070", "abc.com"},
		{"a@[2001:db8::1]:5070", "[2001:db8::1]"},
		{"a@[2001:db8::1]", "[2001:db8::1]"},
		{"a:b@abc.com", "abc.com"},
		{"abc.com", "abc.com"},
		{"tel:+81312345678", ""},
		{"urn:service:sos", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(slice_is_equal(
			rules_aor_domain(slice_make(rows[i].aor, strlen(rows[i].aor))),
			slice_make(rows[i].domain, strlen(rows[i].domain))));
}

static void event_says_who_whom_and_when_cut_to_its_room(void **state)
{
	struct request_text request = {.target = "sip:user-d@abc.com"};
	struct gateway_kit *kit = *state;
	struct contract_event event;
	struct kit_result result;
	struct text text;
	char call_id[300] = "Call-ID: ";

	memset(call_id + 9, 'c', 200);
	request_write(&request, &text);
	text_replace(&text, "Call-ID: call-1", call_id);
	example_send_text(kit, BY_TERMINAL_1, &text, &result);
	expect_status(&result, 404);
	assert_true(event_taken(kit->events, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_REFUSED);
	assert_int_equal(event.status, 404);
	assert_int_equal(event.sa_index, 1);
	assert_int_equal(event.time_ms, kit->now_ms);
	assert_string_equal(event.method, "INVITE");
	assert_string_equal(event.caller, "user-a@abc.com");
	assert_string_equal(event.callee, "user-d@abc.com");
	assert_int_equal(strlen(event.call_id), sizeof(event.call_id) - 1);
}

static void full_ring_loses_countably_and_holds_nothing_up(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_event event;
	struct kit_result result;

	for (unsigned i = 0; i < 100; i++) {
		example_send(kit, BY_TERMINAL_1,
			     &(struct request_text){.target = "sip:user-d@abc.com"}, &result);
		expect_status(&result, 404);
	}
	for (unsigned i = 0; i < 32; i++)
		assert_true(event_taken(kit->events, &event));
	assert_false(event_taken(kit->events, &event));
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-d@abc.com"},
		     &result);
	assert_true(event_taken(kit->events, &event));
	assert_int_equal(event.lost, 68); /* of 64 places refusals have half */
}

/* Whatever the message before left there. */
static void message_of_a_burst_begins_with_the_world_of_the_first_and_nothing_else(void **state)
{
	static struct packet_rules rules;
	static const struct text_key nothing;
	struct gateway_kit *kit = *state;
	const struct packet_rules *first = &kit->rules;

	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	kit->rules.has_controlplane = true;
	kit->rules.drop_reason = DROP_sip_owner_gone;
	memset(&rules, 0xa5, sizeof(rules));
	rules_begin_beside(&rules, first);
	assert_ptr_equal(rules.tables, &kit->tables);
	assert_ptr_equal(rules.settings, settings_view(kit->tables.settings));
	assert_ptr_equal(rules.keys, key_table_view(kit->tables.keys));
	assert_ptr_equal(rules.events, kit->events);
	assert_int_equal(rules.now_ms, kit->now_ms);
	assert_int_equal(rules.now_s, kit->now_ms / 1000);
	assert_true(rules.has_controlplane && rules.is_keyed);
	assert_null(rules.message);
	assert_null(rules.callee);
	assert_null(rules.next_peer);
	assert_memory_equal(&rules.from, &nothing, sizeof(nothing));
	assert_memory_equal(&rules.to, &nothing, sizeof(nothing));
	assert_memory_equal(&rules.target, &nothing, sizeof(nothing));
	assert_memory_equal(&rules.caller, &nothing, sizeof(nothing));
	assert_int_equal(rules.status, 0);
	assert_int_equal(rules.drop_reason, DROP_NONE);
	assert_int_equal(rules.aor_count, 0);
	assert_false(rules.has_token || rules.is_token_tried || rules.has_branch);
	assert_false(rules.is_for_gateway || rules.is_annotated);
	assert_false(rules.is_asked);
	assert_false(rules.is_rewrite_proven || rules.is_return_read || rules.is_return_proven);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(canonical_form_is_that_of_the_library_for_every_spelling),
		KIT_TEST(domain_of_a_name_is_its_host_without_port),
		KIT_TEST(event_says_who_whom_and_when_cut_to_its_room),
		KIT_TEST(message_of_a_burst_begins_with_the_world_of_the_first_and_nothing_else),
		KIT_TEST(full_ring_loses_countably_and_holds_nothing_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
