#include "tests/unit/shared/sip_check.h"

#include "shared/sip/start_line.h"

static struct sip_message message;

static enum sip_fault parsed(const char *text)
{
	return sip_start_line_parse(text_slice(text), NULL, &message);
}

static void a_request_line_has_three_parts(void **state)
{
	(void)state;
	assert_int_equal(parsed("INVITE sip:user-b@xyz.com SIP/2.0"), SIP_FAULT_NONE);
	assert_true(message.is_request);
	assert_int_equal(message.method, SIP_METHOD_INVITE);
	assert_slice(message.uri.text, "sip:user-b@xyz.com");
	assert_slice(message.version, "SIP/2.0");
	assert_int_equal(parsed("invite tel:+81 sip/2.0"), SIP_FAULT_NONE);
	assert_int_equal(message.method, SIP_METHOD_OTHER);
	assert_slice(message.version, "sip/2.0");
}

static void a_status_line_has_a_phrase_even_if_empty(void **state)
{
	(void)state;
	assert_int_equal(parsed("SIP/2.0 180 Ringing out"), SIP_FAULT_NONE);
	assert_false(message.is_request);
	assert_int_equal(message.status, 180);
	assert_slice(message.reason, "Ringing out");
	assert_int_equal(parsed("sip/2.0 699 "), SIP_FAULT_NONE);
	assert_int_equal(message.status, 699);
	assert_slice(message.reason, "");
	assert_int_equal(parsed("SIP/2.0 200 = 2**3 * 5**2 \xd1\x82\xff"), SIP_FAULT_NONE);
}

static void faults_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum sip_fault fault;
	} rows[] = {
		{"", SIP_FAULT_START_LINE},
		{"INVITE", SIP_FAULT_START_LINE},
		{"INVITE ", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b", SIP_FAULT_START_LINE},
		{"INVITE  SIP/2.0", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b ", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b SIP/2.0 ", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b HTTP/1.1", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b SIP/2", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b SIP/2.", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b SIP/.0", SIP_FAULT_START_LINE},
		{"INV\"ITE sip:a@b SIP/2.0", SIP_FAULT_START_LINE},
		{" INVITE sip:a@b SIP/2.0", SIP_FAULT_START_LINE},
		{"INVITE\tsip:a@b SIP/2.0", SIP_FAULT_START_LINE},
		{"INVITE sip:a@b SIP/7.0", SIP_FAULT_VERSION},
		{"INVITE sip:a@b SIP/02.0", SIP_FAULT_VERSION},
		{"INVITE sip:a@b SIP/2.00", SIP_FAULT_VERSION},
		{"INVITE newgrammar://x y SIP/3.0", SIP_FAULT_VERSION},
		{"INVITE  sip:a@b  SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"INVITE sip:a@b; lr SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"INVITE <sip:a@b> SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"INVITE a@b SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"INVITE sip:a@b?Route=%3Csip:c%3E SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"INVITE sip:a%4 SIP/2.0", SIP_FAULT_REQUEST_URI},
		{"A23456789012345678901234567890123 sip:a@b SIP/2.0", SIP_FAULT_METHOD_LENGTH},
		{"SIP/2.0", SIP_FAULT_START_LINE},
		{"SIP/2.0 200", SIP_FAULT_START_LINE},
		{"SIP/2.0  OK", SIP_FAULT_START_LINE},
		{"SIP/2.0 2x0 OK", SIP_FAULT_START_LINE},
		{"SIP/2.0 099 OK", SIP_FAULT_STATUS},
		{"SIP/2.0 700 OK", SIP_FAULT_STATUS},
		{"SIP/2.0 20 OK", SIP_FAULT_STATUS},
		{"SIP/2.0 4294967301 OK", SIP_FAULT_STATUS},
		{"SIP/3.0 200 OK", SIP_FAULT_VERSION},
		{"SIP/x 200 OK", SIP_FAULT_START_LINE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].text, parsed(rows[i].text) == rows[i].fault);
}

static void a_method_of_32_bytes_is_the_longest(void **state)
{
	(void)state;
	assert_int_equal(parsed("A2345678901234567890123456789012 sip:a@b SIP/2.0"),
			 SIP_FAULT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_line_has_three_parts),
		cmocka_unit_test(a_status_line_has_a_phrase_even_if_empty),
		cmocka_unit_test(faults_are_told_apart),
		cmocka_unit_test(a_method_of_32_bytes_is_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
