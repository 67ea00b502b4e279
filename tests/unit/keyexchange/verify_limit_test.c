#include "controlplane/keyexchange/verify_limit.h"

#include "tests/unit/shared/sip_check.h"

#define NOW_MS UINT64_C(1700000000000)

static void so_many_are_verified_in_a_second_and_no_more(void **state)
{
	(void)state;
	struct verify_limit limit = verify_limit_make(3);

	for (unsigned second = 0; second < 3; second++) {
		for (unsigned n = 0; n < 3; n++)
			assert_true(verify_limit_take(&limit, NOW_MS + second * 1000));
		assert_false(verify_limit_take(&limit, NOW_MS + second * 1000 + 999));
	}
}

static void a_clock_set_back_stops_nobody(void **state)
{
	(void)state;
	struct verify_limit limit = verify_limit_make(1);

	assert_true(verify_limit_take(&limit, NOW_MS));
	assert_false(verify_limit_take(&limit, NOW_MS));
	assert_true(verify_limit_take(&limit, NOW_MS - 60000));
}

static void of_none_none_is_verified(void **state)
{
	(void)state;
	struct verify_limit limit = verify_limit_make(0);

	assert_false(verify_limit_take(&limit, NOW_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_are_verified_in_a_second_and_no_more),
		cmocka_unit_test(a_clock_set_back_stops_nobody),
		cmocka_unit_test(of_none_none_is_verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
