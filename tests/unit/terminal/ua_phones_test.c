/* The registrar for local clients: who is bound, where to, and for how long. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/ua/phones.h"

static const struct flow from_tcp = {
	.kind = FLOW_TCP,
	.peer = {.family = 4, .port = 40000, .bytes = {127, 0, 0, 1}},
	.connection = 3,
};

static enum result say(struct phones *phones, uint64_t now_ms, const char *lines)
{
	char text[2048];
	struct sip_message message;
	int len =
		snprintf(text, sizeof(text),
			 "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK1\r\n"
			 "From: <sip:a@x>;tag=1\r\nTo: <sip:a@x>\r\nCall-ID: c\r\n"
			 "CSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
			 lines);

	assert_int_equal(sip_message_parse(text, (size_t)len, &message), SIP_VERDICT_OK);
	return phones_register(phones, now_ms, &from_tcp, &message);
}

static void a_contact_is_bound_for_its_time(void **state)
{
	struct phones phones = {0};
	char text[512];
	struct writer w = writer_make(text, sizeof(text));

	(void)state;
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1:5070>;expires=60\r\n"),
			 RESULT_OK);
	assert_int_equal(phones_count(&phones, 59999), 1);
	phones_write(&phones, 20000, &w);
	assert_memory_equal(text, "Contact: <sip:a@127.0.0.1:5070>;expires=40\r\n", w.len);
	assert_null(phones_pick(&phones, 60000));
	assert_int_equal(phones_count(&phones, 60000), 0);
	phones_end(&phones);
}

static void it_lives_by_its_parameter_else_by_expires_and_never_too_long(void **state)
{
	struct phones phones = {0};

	(void)state;
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1>\r\nExpires: 30\r\n"),
			 RESULT_OK);
	assert_int_equal(phones.at[0].end_ms, 30000);
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1>\r\nExpires: 999999999\r\n"),
			 RESULT_OK);
	assert_int_equal(phones.at[0].end_ms, PHONES_EXPIRES_S * 1000);
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1>;expires=x\r\n"), RESULT_OK);
	assert_int_equal(phones.at[0].end_ms, PHONES_EXPIRES_S * 1000);
	assert_int_equal(phones_count(&phones, 0), 1);
	phones_end(&phones);
}

static void requests_go_to_a_loopback_contact_else_back_to_the_flow(void **state)
{
	struct phones phones = {0};
	const struct phone *phone;

	(void)state;
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@192.0.2.1:5070>\r\n"), RESULT_OK);
	phone = phones_pick(&phones, 0);
	assert_int_equal(phone->flow.kind, FLOW_TCP);
	assert_int_equal(phone->flow.connection, 3);
	assert_int_equal(phone->flow.peer.port, 40000);
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1:5070;transport=udp>\r\n"),
			 RESULT_OK);
	phone = phones_pick(&phones, 0);
	assert_int_equal(phone->flow.kind, FLOW_UDP);
	assert_int_equal(phone->flow.peer.port, 5070);
	assert_int_equal(phone->flow.connection, 0);
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@[::1];transport=tcp>\r\n"), RESULT_OK);
	phone = phones_pick(&phones, 0);
	assert_int_equal(phone->flow.peer.family, 6);
	assert_int_equal(phone->flow.peer.port, 5060);
	assert_int_equal(phone->flow.connection, 3);
	phones_end(&phones);
}

static void who_came_last_rings_and_a_refresh_changes_no_order(void **state)
{
	struct phones phones = {0};

	(void)state;
	assert_int_equal(say(&phones, 0, "Contact: <sip:old@127.0.0.1:1>\r\n"), RESULT_OK);
	assert_int_equal(say(&phones, 0, "Contact: <sip:new@127.0.0.1:2>\r\n"), RESULT_OK);
	assert_int_equal(say(&phones, 9, "Contact: <sip:old@127.0.0.1:1>\r\n"), RESULT_OK);
	assert_int_equal(phones_pick(&phones, 10)->flow.peer.port, 2);
	phones_forget(&phones, &phones_pick(&phones, 10)->flow);
	assert_int_equal(phones_pick(&phones, 10)->flow.peer.port, 1);
	phones_end(&phones);
}

static void expires_0_and_a_star_let_go(void **state)
{
	struct phones phones = {0};

	(void)state;
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1:1>, <sip:a@127.0.0.1:2>\r\n"),
			 RESULT_OK);
	assert_int_equal(phones_count(&phones, 0), 2);
	assert_int_equal(say(&phones, 0, "Contact: <sip:a@127.0.0.1:1>;expires=0\r\n"), RESULT_OK);
	assert_int_equal(phones_count(&phones, 0), 1);
	assert_int_equal(say(&phones, 0, "Contact: *\r\nExpires: 0\r\n"), RESULT_OK);
	assert_int_equal(phones_count(&phones, 0), 0);
	phones_end(&phones);
}

static void what_is_no_contact_and_one_too_many_are_refused(void **state)
{
	static const char *const bad[] = {"Contact: <tel:+1>\r\n",
					  "Contact: <sip:a@x?Subject=y>\r\n", "Contact: \"a\r\n",
					  "Contact: <mailto:a@x>\r\n"};
	struct phones phones = {0};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(say(&phones, 0, bad[i]), RESULT_BAD);
	for (unsigned i = 1; i <= PHONES_MAX; i++) {
		snprintf(line, sizeof(line), "Contact: <sip:a@127.0.0.1:%u>\r\n", i);
		assert_int_equal(say(&phones, 0, line), RESULT_OK);
	}
	assert_int_equal(say(&phones, 0, "Contact: <sip:b@127.0.0.1:99>\r\n"), RESULT_SPACE);
	assert_int_equal(say(&phones, 0, "Contact: <sip:b@127.0.0.1:99>;expires=0\r\n"), RESULT_OK);
	/* Time makes room. */
	assert_int_equal(say(&phones, PHONES_EXPIRES_S * 1000, "Contact: <sip:b@127.0.0.1:99>\r\n"),
			 RESULT_OK);
	phones_end(&phones);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contact_is_bound_for_its_time),
		cmocka_unit_test(it_lives_by_its_parameter_else_by_expires_and_never_too_long),
		cmocka_unit_test(requests_go_to_a_loopback_contact_else_back_to_the_flow),
		cmocka_unit_test(who_came_last_rings_and_a_refresh_changes_no_order),
		cmocka_unit_test(expires_0_and_a_star_let_go),
		cmocka_unit_test(what_is_no_contact_and_one_too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
