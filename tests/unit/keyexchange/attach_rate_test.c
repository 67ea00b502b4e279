#include "controlplane/keyexchange/attach_rate.h"

#include "tests/unit/shared/sip_check.h"

static const uint64_t start = 1700000000000;

static void a_burst_passes_and_then_one_each_interval(void **state)
{
	(void)state;
	struct attach_rate *rate;
	unsigned passed = 0;

	assert_int_equal(attach_rate_create(1000, 7, &rate), RESULT_OK);
	for (unsigned n = 0; n < 100; n++)
		passed += attach_rate_take(rate, SLICE("a"), start);
	assert_int_equal(passed, ATTACH_RATE_BURST);
	assert_true(attach_rate_take(rate, SLICE("b"), start));
	assert_false(attach_rate_take(rate, SLICE("a"), start + ATTACH_RATE_INTERVAL_MS - 1));
	assert_true(attach_rate_take(rate, SLICE("a"), start + ATTACH_RATE_INTERVAL_MS));
	assert_false(attach_rate_take(rate, SLICE("a"), start + ATTACH_RATE_INTERVAL_MS));
	/* and after a rest a burst again, no more */
	passed = 0;
	for (unsigned n = 0; n < 100; n++)
		passed += attach_rate_take(rate, SLICE("a"), start + 3600000);
	assert_int_equal(passed, ATTACH_RATE_BURST);
	attach_rate_destroy(rate);
}

/* After a gateway was lost everybody comes at once. */
static void many_subscribers_hardly_meet(void **state)
{
	(void)state;
	struct attach_rate *rate;
	unsigned refused = 0;

	assert_int_equal(attach_rate_create(10000, 7, &rate), RESULT_OK);
	for (unsigned n = 0; n < 10000; n++) {
		char id[32];
		int len = snprintf(id, sizeof(id), "user-%u@abc.com", n);

		refused += !attach_rate_take(rate, slice_make(id, (size_t)len), start);
	}
	assert_int_equal(refused, 0);
	attach_rate_destroy(rate);
}

static void no_place_at_all_is_refused(void **state)
{
	(void)state;
	struct attach_rate *rate;

	assert_int_equal(attach_rate_create(0, 7, &rate), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_and_then_one_each_interval),
		cmocka_unit_test(many_subscribers_hardly_meet),
		cmocka_unit_test(no_place_at_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
