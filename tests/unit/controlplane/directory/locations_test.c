#include "controlplane/directory/locations.h"

#include "tests/unit/controlplane/store/stored.h"

#define ALL UINT64_MAX

static int make(void **state)
{
	assert_int_equal(locations_create((struct locations **)state), RESULT_OK);
	return 0;
}

static int end(void **state)
{
	locations_destroy(*state);
	return 0;
}

static void put(struct locations *locations, uint8_t gateway, uint16_t q, uint64_t since_s)
{
	const struct store_location location = {"a@abc.com", gateway, q, since_s};

	assert_int_equal(locations_put(locations, &location), RESULT_OK);
}

static int best(const struct locations *locations, uint64_t gateways)
{
	uint8_t gateway;

	return locations_best(locations, SLICE("a@abc.com"), gateways, &gateway) ? gateway : -1;
}

static void highest_q_then_the_latest_is_asked(void **state)
{
	assert_int_equal(best(*state, ALL), -1);
	put(*state, 1, 500, 100);
	put(*state, 2, 500, 200);
	assert_int_equal(best(*state, ALL), 2);
	put(*state, 3, 900, 50);
	assert_int_equal(best(*state, ALL), 3);
}

static void only_gateways_that_are_asked_for_count(void **state)
{
	put(*state, 3, 900, 50);
	put(*state, 63, 100, 60);
	assert_int_equal(best(*state, UINT64_C(1) << 63), 63);
	assert_int_equal(best(*state, UINT64_C(1) << 2), -1);
}

static void name_that_left_is_forgotten(void **state)
{
	struct store_location found;

	put(*state, 1, 500, 100);
	put(*state, 2, 500, 200);
	put(*state, 2, 500, 0);
	assert_int_equal(best(*state, ALL), 1);
	assert_false(locations_find(*state, SLICE("a@abc.com"), 2, &found));
	assert_true(locations_find(*state, SLICE("a@abc.com"), 1, &found));
	assert_int_equal(found.since_s, 100);
	assert_string_equal(found.aor, "a@abc.com");
	put(*state, 1, 0, 0);
	put(*state, 1, 0, 0);
	assert_int_equal(best(*state, ALL), -1);
}

static bool count_each(void *ctx, const struct store_location *location)
{
	assert_int_equal(location->gateway, 2);
	++*(int *)ctx;
	return true;
}

static void rows_of_one_gateway_are_walked(void **state)
{
	const struct store_location other = {"b@abc.com", 2, 1, 1};
	int seen = 0;

	put(*state, 1, 500, 100);
	put(*state, 2, 500, 200);
	assert_int_equal(locations_put(*state, &other), RESULT_OK);
	locations_each(*state, 2, count_each, &seen);
	assert_int_equal(seen, 2);
}

#define LOCATIONS_TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCATIONS_TEST(highest_q_then_the_latest_is_asked),
		LOCATIONS_TEST(only_gateways_that_are_asked_for_count),
		LOCATIONS_TEST(name_that_left_is_forgotten),
		LOCATIONS_TEST(rows_of_one_gateway_are_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
