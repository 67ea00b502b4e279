#include "tests/unit/shared/sip_check.h"

#include "shared/sip/fault.h"

static void each_fault_has_a_sentence_and_a_status_of_its_kind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIP_FAULT_COUNT; i++) {
		unsigned status = sip_fault_status((enum sip_fault)i);

		assert_true(sip_fault_text((enum sip_fault)i).len > 0);
		assert_true(status == 0 || (status >= 400 && status < 600));
	}
}

static void statuses_are_those_of_the_rules(void **state)
{
	(void)state;
	assert_int_equal(sip_fault_status(SIP_FAULT_NONE), 0);
	assert_int_equal(sip_fault_status(SIP_FAULT_VIA), 0);
	assert_int_equal(sip_fault_status(SIP_FAULT_STATUS), 0);
	assert_int_equal(sip_fault_status(SIP_FAULT_TOO_LARGE), 513);
	assert_int_equal(sip_fault_status(SIP_FAULT_VERSION), 505);
	assert_int_equal(sip_fault_status(SIP_FAULT_URI_SCHEME), 416);
	assert_int_equal(sip_fault_status(SIP_FAULT_PROXY_REQUIRE), 420);
	assert_int_equal(sip_fault_status(SIP_FAULT_REPEATED), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_a_sentence_and_a_status_of_its_kind),
		cmocka_unit_test(statuses_are_those_of_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
