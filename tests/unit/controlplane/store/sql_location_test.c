#include "tests/unit/controlplane/store/stored.h"

static bool locations_join(void *ctx, const struct store_location *location)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%s@%u q%u since %llu, ", location->aor, location->gateway,
		location->q_thousandths, (unsigned long long)location->since_s);
	return true;
}

static const struct store_location two[] = {
	{"a@abc.com", 1, 1000, 100},
	{"a@abc.com", 2, 500, 90},
};

static void locations_of_two_gateways_stand_side_by_side(void **state)
{
	struct stored *s = *state;
	char all[256] = "";

	assert_int_equal(store_locations_put(s->store, two, 2), RESULT_OK);
	assert_int_equal(store_locations_each(s->store, 0, locations_join, all), RESULT_OK);
	assert_string_equal(all, "a@abc.com@1 q1000 since 100, a@abc.com@2 q500 since 90, ");
}

static void only_what_changed_after_a_revision_is_told(void **state)
{
	struct stored *s = *state;
	struct store_location gone = {"a@abc.com", 1, 1000, 0};
	uint64_t before;
	char all[256] = "";

	assert_int_equal(store_locations_put(s->store, two, 2), RESULT_OK);
	assert_int_equal(store_revision(s->store, &before), RESULT_OK);
	assert_int_equal(store_locations_put(s->store, &gone, 1), RESULT_OK);
	assert_int_equal(store_locations_each(s->store, before, locations_join, all), RESULT_OK);
	assert_string_equal(all, "a@abc.com@1 q1000 since 0, ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(locations_of_two_gateways_stand_side_by_side),
		STORED_TEST(only_what_changed_after_a_revision_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
