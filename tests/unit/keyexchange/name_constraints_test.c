/* Chains under constraints are judged in trust_test.c. */
#include "shared/keyexchange/name_constraints.h"

#include "tests/unit/shared/sip_check.h"

static void constraints_match_hosts_as_rfc_5280_says(void **state)
{
	(void)state;
	assert_true(name_constraint_matches(SLICE("abc.com"), SLICE("ABC.com")));
	assert_false(name_constraint_matches(SLICE("abc.com"), SLICE("x.abc.com")));
	assert_true(name_constraint_matches(SLICE(".abc.com"), SLICE("x.Abc.com")));
	assert_true(name_constraint_matches(SLICE(".abc.com"), SLICE("y.x.abc.com")));
	assert_false(name_constraint_matches(SLICE(".abc.com"), SLICE(".abc.com")));
	assert_false(name_constraint_matches(SLICE(".abc.com"), SLICE("abc.com")));
	assert_false(name_constraint_matches(SLICE(".abc.com"), SLICE("xabc.com")));
	assert_false(name_constraint_matches(SLICE(""), SLICE("abc.com")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constraints_match_hosts_as_rfc_5280_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
