#include "tests/unit/shared/sip_check.h"

#include "shared/sip/cseq.h"

static void a_number_and_a_method_are_read(void **state)
{
	struct sip_cseq cseq;

	(void)state;
	assert_int_equal(sip_cseq_parse(SLICE("0009\r\n  INVITE"), &cseq), RESULT_OK);
	assert_int_equal(cseq.number, 9);
	assert_int_equal(cseq.method, SIP_METHOD_INVITE);
	assert_int_equal(sip_cseq_parse(SLICE(" 2147483647\tX-y "), &cseq), RESULT_OK);
	assert_int_equal(cseq.number, INT32_MAX);
	assert_int_equal(cseq.method, SIP_METHOD_OTHER);
	assert_slice(cseq.method_name, "X-y");
}

static void anything_else_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"1",
		"1 ",
		"INVITE",
		"INVITE 1",
		"1INVITE",
		"-1 INVITE",
		"+1 A",
		"1 A B",
		"1 A;",
		"0x1 A",
		"1,2 A",
		"2147483648 A",
		"4294967297 A",
		"1 \"A\"",
		"36893488147419103232 REGISTER",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_cseq cseq;

		assert_row(rows[i], sip_cseq_parse(text_slice(rows[i]), &cseq) == RESULT_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_and_a_method_are_read),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
