#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/return_token.h"

static void record_route_entry_of_ours_must_come_back(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"Record-Route: ", "X-Record: "},
		{"Record-Route: <sip:", "Record-Route: <sip:x"},
		{"@[2001:6789::5060]:5060;lr>", "@[2001:6789::5061]:5060;lr>"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_answered_by_peer(kit, 183, &answer);
		text_replace(&answer, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_drop(&result, DROP_sip_response_series);
		example_answered_by_peer(kit, 200, &answer);
		text_replace(&answer, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_status(&result, 502);
		/* A refusal forms no dialog and needs none. */
		text_replace(&answer, "SIP/2.0 200 OK", "SIP/2.0 486 Busy Here");
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_sent(&result, LEG_TERMINAL);
	}
}

static void entry_of_another_call_of_ours_does_not_do(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text request, answer;
	char own[200], other[200];

	request_write(&(struct request_text){0}, &request);
	text_replace(&request, "call-1", "call-2");
	example_send_text(kit, BY_TERMINAL_1, &request, &sent);
	result_between(&sent, "Record-Route: ", "\r\n", other, sizeof(other));
	example_invite(kit, "sip:user-b@xyz.com", &sent);
	result_between(&sent, "Record-Route: ", "\r\n", own, sizeof(own));
	example_answered_by_peer(kit, 200, &answer);
	text_replace(&answer, own, other);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_status(&result, 502);
}

/* Whatever stands above it, and however whoever passed it on wrote our address. */
static void entry_of_ours_is_found_among_others_and_however_written(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"Record-Route: ", "Record-Route: <sip:other.example;lr>, "},
		{"Record-Route: ", "Record-Route: <sip:AbC@other.example;lr>\r\nRecord-Route: "},
		{"@[2001:6789::5060]:5060;lr>", "@[2001:6789:0::5060]:5060;lr>;x=y"},
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		example_answered_by_peer(kit, 200, &answer);
		text_replace(&answer, rows[i].from, rows[i].to);
		example_send_text(kit, BY_PEER, &answer, &result);
		expect_sent(&result, LEG_TERMINAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(record_route_entry_of_ours_must_come_back),
		KIT_TEST(entry_of_another_call_of_ours_does_not_do),
		KIT_TEST(entry_of_ours_is_found_among_others_and_however_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
