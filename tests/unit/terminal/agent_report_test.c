#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/agent/report.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void foreign_bytes_become_harmless_text(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{"plain", "plain"},
		{"two\r\nlines\tand", "two\nlines\tand"},
		{"\x1b[31mred\x7f", "?[31mred?"},
		{"\xe3\x81\x82", "\xe3\x81\x82"},
		{"bad \xff utf", "bad ? utf"},
		{"\xe3\x81\x82 and bad \xff", "\xe3\x81\x82 and bad ?"},
		{"\xc2\x9b\x33\x31mred", "??31mred"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *string = report_string(slice_make(cases[i].bytes, strlen(cases[i].bytes)));

		assert_string_equal(json_string_value(string), cases[i].text);
		json_decref(string);
	}
}

static void incoming_call_is_told_with_who_and_the_whole_path(void **state)
{
	struct sip_route_security series = {.count = 2};
	struct ua_event event = {
		.kind = UA_EVENT_INCOMING,
		.party = SLICE("sip:user-a@abc.com"),
		.series = &series,
	};
	struct series_link link = {.level = 3};
	json_t *report, *path;

	(void)state;
	sip_route_security_entry_parse(SLICE("[2001:abcd::5060];level=3"), &series.entries[0]);
	sip_route_security_entry_parse(SLICE("[2001:1234::10]"), &series.entries[1]);
	link.gateway = series.entries[0].address;
	report = report_ua_event(&event, &link, SLICE("user-b@xyz.com"));
	assert_string_equal(text_of(report, "event"), "incoming");
	assert_string_equal(text_of(report, "from"), "sip:user-a@abc.com");
	assert_string_equal(text_of(report, "text"),
			    "call from sip:user-a@abc.com: sip:user-a@abc.com [2001:1234::10] "
			    "--?--> [2001:abcd::5060] ==3==> user-b@xyz.com");
	path = json_object_get(report, "path");
	assert_int_equal(json_array_size(path), 2);
	assert_non_null(strstr(text_of(report, "picture"), " --?--> [2001:"));
	assert_non_null(strstr(text_of(report, "text"), text_of(report, "picture")));
	assert_string_equal(text_of(json_array_get(path, 0), "address"), "2001:1234::10");
	assert_string_equal(text_of(json_array_get(path, 0), "who"), "sip:user-a@abc.com");
	assert_null(json_object_get(json_array_get(path, 0), "level"));
	assert_string_equal(text_of(json_array_get(path, 1), "who"), "our gateway");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(path, 1), "level")), 3);
	json_decref(report);
}

static void long_message_is_whole_in_json_and_cut_in_the_sentence(void **state)
{
	static char body[LIMIT_SIP_MESSAGE_BYTES];
	struct series_link link = {.level = 3};
	struct ua_event event = {
		.kind = UA_EVENT_MESSAGE,
		.party = SLICE("sip:user-b@xyz.com"),
		.text = slice_make(body, sizeof(body)),
	};
	json_t *report;

	(void)state;
	memset(body, 'm', sizeof(body));
	report = report_ua_event(&event, &link, SLICE("user-a@abc.com"));
	assert_int_equal(strlen(text_of(report, "message")), sizeof(body));
	assert_true(strlen(text_of(report, "text")) < 400);
	assert_non_null(strstr(text_of(report, "text"), "message from sip:user-b@xyz.com: \"mmm"));
	json_decref(report);
}

static void every_kind_of_event_has_a_sentence(void **state)
{
	struct series_link link = {.level = 3};

	(void)state;
	for (unsigned kind = 0; kind < UA_EVENT_COUNT; kind++) {
		struct ua_event event = {
			.kind = (enum ua_event_kind)kind,
			.status = 486,
			.reason = SLICE("Busy Here"),
			.party = SLICE("sip:user-b@xyz.com"),
			.text = SLICE("hello"),
		};
		json_t *report = report_ua_event(&event, &link, SLICE("user-a@abc.com"));

		assert_true(strlen(text_of(report, "text")) > 10);
		assert_string_equal(text_of(report, "event"),
				    ua_event_name((enum ua_event_kind)kind).at);
		json_decref(report);
	}
}

static void only_events_that_there_are_can_be_waited_for(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < UA_EVENT_COUNT; kind++)
		assert_true(report_is_event(ua_event_name((enum ua_event_kind)kind)));
	assert_true(report_is_event(SLICE("attached")));
	assert_true(report_is_event(SLICE("channel-up")));
	assert_false(report_is_event(SLICE("channel")));
	assert_false(report_is_event(SLICE("Attached")));
	assert_false(report_is_event(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_bytes_become_harmless_text),
		cmocka_unit_test(incoming_call_is_told_with_who_and_the_whole_path),
		cmocka_unit_test(long_message_is_whole_in_json_and_cut_in_the_sentence),
		cmocka_unit_test(every_kind_of_event_has_a_sentence),
		cmocka_unit_test(only_events_that_there_are_can_be_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
