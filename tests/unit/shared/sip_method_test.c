#include "tests/unit/shared/sip_check.h"

#include "shared/sip/method.h"

static void every_method_is_found_by_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIP_METHOD_OTHER; i++)
		assert_int_equal(sip_method_find(sip_method_name((enum sip_method)i)), i);
	assert_slice(sip_method_name(SIP_METHOD_INVITE), "INVITE");
	assert_slice(sip_method_name(SIP_METHOD_OTHER), "");
}

static void names_are_compared_whole_and_by_case(void **state)
{
	static const char *const rows[] = {"invite", "INVIT", "INVITEE", "", "Ack", "NEWMETHOD"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], sip_method_find(text_slice(rows[i])) == SIP_METHOD_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_is_found_by_its_name),
		cmocka_unit_test(names_are_compared_whole_and_by_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
