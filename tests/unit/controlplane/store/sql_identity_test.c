#include "tests/unit/controlplane/store/stored.h"

static void identity_has_its_groups_and_its_owner(void **state)
{
	struct stored *s = *state;
	struct store_identity identity;

	subscriber_put(s->store, "a@abc.com");
	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "family", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_identity_find(s->store, "a@abc.com", &identity), RESULT_OK);
	assert_true(identity.is_subscribers);
	assert_true(identity.must_be_secure);
	assert_int_equal(identity.minimum_level, 0);
	assert_int_equal(identity.group_count, 2);
	assert_int_not_equal(identity.group[0], identity.group[1]);
}

static void somebody_elses_identity_is_known_by_its_groups(void **state)
{
	struct stored *s = *state;
	struct store_identity identity;

	assert_int_equal(store_group_add(s->store, "staff", "z@xyz.com"), RESULT_OK);
	assert_int_equal(store_identity_find(s->store, "z@xyz.com", &identity), RESULT_OK);
	assert_false(identity.is_subscribers);
	assert_int_equal(identity.group_count, 1);
}

static void unknown_identity_is_named_but_not_found(void **state)
{
	struct stored *s = *state;
	struct store_identity identity;

	assert_int_equal(store_identity_find(s->store, "q@abc.com", &identity), RESULT_NOT_FOUND);
	assert_string_equal(identity.aor, "q@abc.com");
	assert_int_equal(identity.group_count, 0);
}

static bool aors_join(void *ctx, const struct store_identity *identity)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%s/%d/%d ", identity->aor, identity->is_subscribers,
		identity->group_count);
	return true;
}

static void every_identity_comes_once(void **state)
{
	struct stored *s = *state;
	struct store_subscriber two = subscriber_of("a@abc.com", "b@abc.com");
	char all[256] = "";

	assert_int_equal(store_subscriber_add(s->store, &two), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "z@xyz.com"), RESULT_OK);
	assert_int_equal(store_identities_each(s->store, aors_join, all), RESULT_OK);
	assert_string_equal(all, "a@abc.com/1/1 b@abc.com/1/0 z@xyz.com/0/1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(identity_has_its_groups_and_its_owner),
		STORED_TEST(somebody_elses_identity_is_known_by_its_groups),
		STORED_TEST(unknown_identity_is_named_but_not_found),
		STORED_TEST(every_identity_comes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
