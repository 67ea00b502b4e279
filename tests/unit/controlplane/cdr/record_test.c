#include "tests/unit/controlplane/cdr/recorded.h"

#include "controlplane/cdr/record.h"

static json_t *record_of(const struct contract_event *event)
{
	char line[CDR_LINE_BYTES];
	size_t length = cdr_record_write(event, recorded_peer_name, NULL, line);
	json_t *record;

	assert_true(length > 0);
	assert_int_equal(line[length - 1], '\n');
	record = json_loadb(line, length, 0, NULL);
	assert_non_null(record);
	return record;
}

static void record_says_who_whom_when_and_by_which_legs(void **state)
{
	struct contract_event event = recorded_start();
	char line[CDR_LINE_BYTES];
	size_t length = cdr_record_write(&event, recorded_peer_name, NULL, line);
	static const char expected[] =
		"{\"time\":\"2026-11-27T05:14:18.123Z\",\"event\":\"start\",\"method\":\"INVITE\","
		"\"caller\":\"user-a@abc.com\",\"callee\":\"user-b@xyz.com\",\"call_id\":\"call-"
		"1\","
		"\"status\":200,\"came_by\":{\"kind\":\"peer\",\"level\":3,\"name\":\"xyz.com\"},"
		"\"goes_to\":{\"kind\":\"terminal\",\"level\":3,\"binding\":7,\"generation\":4,"
		"\"address\":\"192.0.2.1:5060\"}}\n";

	(void)state;
	line[length] = '\0';
	assert_string_equal(line, expected);
}

static void refused_sender_is_recorded_with_the_name_he_claimed(void **state)
{
	struct contract_event event = recorded_start();
	json_t *record;

	(void)state;
	event.kind = CONTRACT_EVENT_SENDER_MISMATCH;
	event.status = 403;
	event.goes_to.kind = CONTRACT_LEG_NONE;
	strcpy(event.claimed, "sip:user-c@abc.com");
	record = record_of(&event);
	assert_string_equal(json_string_value(json_object_get(record, "event")), "refused-sender");
	assert_string_equal(json_string_value(json_object_get(record, "claimed")),
			    "sip:user-c@abc.com");
	assert_true(json_is_null(json_object_get(record, "goes_to")));
	json_decref(record);
}

static void what_an_outsider_wrote_cannot_break_the_line(void **state)
{
	struct contract_event event = recorded_start();
	json_t *record;

	(void)state;
	strcpy(event.call_id, "a\"}\n{\"event\":\"start\"\x01");
	strcpy(event.callee, "user-\xff\xfe@xyz.com");
	record = record_of(&event);
	assert_string_equal(json_string_value(json_object_get(record, "call_id")), event.call_id);
	assert_string_equal(json_string_value(json_object_get(record, "callee")),
			    "user-??@xyz.com");
	json_decref(record);
}

static void longest_texts_fit_a_line(void **state)
{
	struct contract_event event = recorded_start();

	(void)state;
	memset(event.method, 1, sizeof(event.method) - 1);
	memset(event.caller, 1, sizeof(event.caller) - 1);
	memset(event.callee, 1, sizeof(event.callee) - 1);
	memset(event.call_id, 1, sizeof(event.call_id) - 1);
	memset(event.claimed, 1, sizeof(event.claimed) - 1);
	json_decref(record_of(&event));
}

static void events_of_sas_are_no_calls(void **state)
{
	struct contract_event event = {.kind = CONTRACT_EVENT_SA_FIRST_PACKET};

	(void)state;
	assert_false(cdr_is_recorded(&event));
	event.kind = CONTRACT_EVENT_SA_HARD_LIMIT;
	assert_false(cdr_is_recorded(&event));
}

static void sa_that_was_made_to_end_is_recorded_with_the_reason(void **state)
{
	const struct contract_sa sa = {
		.index = 5,
		.generation = 7,
		.inner_remote = {.family = 4, .port = 5060, .bytes = {127, 0, 0, 2}},
		.subscriber = "user-d@abc.com"};
	char line[CDR_LINE_BYTES];
	size_t length = cdr_ended_write(1700000000123, &sa, "its certificate is revoked", line);
	json_t *record;

	(void)state;
	assert_true(length > 0);
	assert_int_equal(line[length - 1], '\n');
	record = json_loadb(line, length, 0, NULL);
	assert_non_null(record);
	assert_string_equal(json_string_value(json_object_get(record, "event")), "sa-ended");
	assert_string_equal(json_string_value(json_object_get(record, "time")),
			    "2023-11-14T22:13:20.123Z");
	assert_string_equal(json_string_value(json_object_get(record, "subscriber")),
			    "user-d@abc.com");
	assert_string_equal(json_string_value(json_object_get(record, "address")),
			    "127.0.0.2:5060");
	assert_string_equal(json_string_value(json_object_get(record, "reason")),
			    "its certificate is revoked");
	assert_int_equal(json_integer_value(json_object_get(record, "sa")), 5);
	json_decref(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_says_who_whom_when_and_by_which_legs),
		cmocka_unit_test(refused_sender_is_recorded_with_the_name_he_claimed),
		cmocka_unit_test(what_an_outsider_wrote_cannot_break_the_line),
		cmocka_unit_test(longest_texts_fit_a_line),
		cmocka_unit_test(events_of_sas_are_no_calls),
		cmocka_unit_test(sa_that_was_made_to_end_is_recorded_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
