#include "controlplane/store/keeper_health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void store_is_good_until_it_fails_and_then_until_it_does_not(void **state)
{
	struct health health;

	(void)state;
	health_init(&health);
	assert_true(health.state.is_good);
	health_begin(&health, 10);
	assert_false(health_end(&health, RESULT_EXISTS, "no", 11));
	health_begin(&health, 20);
	assert_true(health_end(&health, RESULT_SPACE, "it is full", 25));
	assert_false(health.state.is_good);
	assert_string_equal(health.state.sentence, "it is full");
	health_begin(&health, 30);
	assert_false(health_end(&health, RESULT_SPACE, "it is full", 31));
	/* it fails in another way */
	assert_true(health_end(&health, RESULT_IO, "it is gone", 32));
	health_begin(&health, 40);
	assert_true(health_end(&health, RESULT_OK, "", 41));
	/* the last failure stays to be read */
	assert_string_equal(health.state.sentence, "it is gone");
	assert_int_equal(health.state.done, 2);
	assert_int_equal(health.state.failed, 3);
	assert_int_equal(health.state.longest_ms, 5);
}

static void what_the_request_is_to_blame_for_is_no_failure(void **state)
{
	static const enum result requests[] = {RESULT_OK, RESULT_NOT_FOUND, RESULT_EXISTS,
					       RESULT_BAD, RESULT_DENIED};
	static const enum result stores[] = {RESULT_IO, RESULT_STALE, RESULT_SPACE, RESULT_VERSION,
					     RESULT_MEMORY};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		assert_false(health_is_failure(requests[i]));
	for (size_t i = 0; i < sizeof(stores) / sizeof(*stores); i++)
		assert_true(health_is_failure(stores[i]));
}

static void slow_is_what_takes_a_second_also_before_it_ends(void **state)
{
	struct health health;

	(void)state;
	health_init(&health);
	health_begin(&health, 5000);
	health_look(&health, 5999);
	assert_false(health.state.is_slow);
	health_look(&health, 6000);
	assert_true(health.state.is_slow);
	assert_int_equal(health.state.under_way_ms, 1000);
	health_end(&health, RESULT_OK, "", 6500);
	assert_int_equal(health.state.longest_ms, 1500);
	health_look(&health, 9499);
	assert_true(health.state.is_slow);
	assert_int_equal(health.state.under_way_ms, 0);
	assert_int_equal(health.state.slow_ms, 1500);
	health_look(&health, 9500);
	assert_false(health.state.is_slow);
}

static void another_slow_one_within_three_seconds_is_no_news(void **state)
{
	struct health health;

	(void)state;
	health_init(&health);
	for (uint64_t at = 5000; at < 20000; at += 2500) {
		health_begin(&health, at);
		health_end(&health, RESULT_OK, "", at + 1200);
		health_look(&health, at + 2499);
		assert_true(health.state.is_slow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_is_good_until_it_fails_and_then_until_it_does_not),
		cmocka_unit_test(what_the_request_is_to_blame_for_is_no_failure),
		cmocka_unit_test(slow_is_what_takes_a_second_also_before_it_ends),
		cmocka_unit_test(another_slow_one_within_three_seconds_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
