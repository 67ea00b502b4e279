#include "controlplane/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void burst_passes_and_then_one_each_interval(void **state)
{
	struct log_limit limit = log_limit_make(3, 100);
	uint64_t left_out = 99;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		passed += log_limit_pass(&limit, 1000, &left_out);
	assert_int_equal(passed, 3);
	assert_false(log_limit_pass(&limit, 1050, &left_out));
	assert_true(log_limit_pass(&limit, 1100, &left_out));
	assert_int_equal(left_out, 8);
	assert_false(log_limit_pass(&limit, 1150, &left_out));
}

static void long_silence_saves_up_no_more_than_a_burst(void **state)
{
	struct log_limit limit = log_limit_make(3, 100);
	uint64_t left_out;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		passed += log_limit_pass(&limit, 1000000, &left_out);
	assert_int_equal(passed, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_passes_and_then_one_each_interval),
		cmocka_unit_test(long_silence_saves_up_no_more_than_a_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
