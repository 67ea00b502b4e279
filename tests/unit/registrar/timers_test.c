#include "controlplane/registrar/timers.h"

#include "tests/unit/shared/sip_check.h"

#define TIMERS 200

static void they_come_due_in_order_whatever_the_order_they_were_set_in(void **state)
{
	(void)state;
	struct timers timers = {0};
	struct timer timer[TIMERS] = {0};
	uint32_t x = 1;
	uint64_t last = 0;

	assert_int_equal(timers_reserve(&timers, TIMERS), RESULT_OK);
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < TIMERS; i++) {
			x = x * 1103515245u + 12345u;
			timers_set(&timers, &timer[i], x >> 16 & 1023);
		}
	}
	for (unsigned i = 0; i < TIMERS; i += 3)
		timers_clear(&timers, &timer[i]);
	for (unsigned n = 0; n < TIMERS - (TIMERS + 2) / 3; n++) {
		struct timer *due = timers_due(&timers, UINT64_MAX);

		assert_non_null(due);
		assert_int_not_equal((due - timer) % 3, 0);
		assert_true(due->at_s >= last);
		last = due->at_s;
		timers_clear(&timers, due);
		assert_int_equal(due->place, 0);
	}
	assert_null(timers_due(&timers, UINT64_MAX));
	timers_fini(&timers);
}

static void none_is_due_before_its_time(void **state)
{
	(void)state;
	struct timers timers = {0};
	struct timer one = {0};

	assert_null(timers_due(&timers, UINT64_MAX));
	assert_int_equal(timers_reserve(&timers, 1), RESULT_OK);
	timers_set(&timers, &one, 100);
	assert_null(timers_due(&timers, 99));
	assert_ptr_equal(timers_due(&timers, 100), &one);
	timers_set(&timers, &one, 200);
	assert_null(timers_due(&timers, 100));
	timers_clear(&timers, &one);
	timers_clear(&timers, &one);
	assert_null(timers_due(&timers, UINT64_MAX));
	timers_fini(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_due_in_order_whatever_the_order_they_were_set_in),
		cmocka_unit_test(none_is_due_before_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
