#include "controlplane/keyexchange/flood.h"

#include "tests/unit/shared/sip_check.h"

static void above_the_threshold_it_is_a_flood_and_for_a_while_after(void **state)
{
	(void)state;
	struct flood flood = flood_make(10);
	uint64_t now = 1700000000000;

	for (unsigned n = 0; n < 10; n++)
		assert_false(flood_count(&flood, now));
	assert_true(flood_count(&flood, now));
	assert_true(flood_count(&flood, now + FLOOD_LINGER_MS - 1));
	assert_false(flood_count(&flood, now + FLOOD_LINGER_MS));
}

static void a_steady_rate_below_it_is_none(void **state)
{
	(void)state;
	struct flood flood = flood_make(10);

	for (uint64_t n = 0; n < 1000; n++)
		assert_false(flood_count(&flood, 1700000000000 + n * 100));
}

static void a_threshold_of_zero_asks_everybody(void **state)
{
	(void)state;
	struct flood flood = flood_make(0);

	assert_true(flood_count(&flood, 1700000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(above_the_threshold_it_is_a_flood_and_for_a_while_after),
		cmocka_unit_test(a_steady_rate_below_it_is_none),
		cmocka_unit_test(a_threshold_of_zero_asks_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
