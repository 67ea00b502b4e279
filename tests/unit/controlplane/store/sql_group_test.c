#include "tests/unit/controlplane/store/stored.h"

static bool members_join(void *ctx, const struct store_group *group, const char *aor)
{
	char *all = ctx;

	assert_true(group->id >= 1);
	sprintf(all + strlen(all), "%s=%s ", group->name, aor);
	return true;
}

static void members_come_by_group_and_name(void **state)
{
	struct stored *s = *state;
	char all[256] = "";

	assert_int_equal(store_group_add(s->store, "staff", "b@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "family", "z@xyz.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_members_each(s->store, members_join, all), RESULT_OK);
	assert_string_equal(all, "family=z@xyz.com staff=a@abc.com staff=b@abc.com ");
}

static void member_is_added_once_and_removed_once(void **state)
{
	struct stored *s = *state;

	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(s->store, "staff", "a@abc.com"), RESULT_EXISTS);
	assert_int_equal(store_group_remove(s->store, "staff", "a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_remove(s->store, "staff", "a@abc.com"), RESULT_NOT_FOUND);
	assert_int_equal(store_group_remove(s->store, "nothing", "a@abc.com"), RESULT_NOT_FOUND);
}

static void groups_of_one_identity_are_bounded(void **state)
{
	struct stored *s = *state;
	struct store_identity identity;
	char name[16];

	for (int i = 0; i < LIMIT_IDENTITY_GROUPS; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(store_group_add(s->store, name, "a@abc.com"), RESULT_OK);
	}
	assert_int_equal(store_group_add(s->store, "more", "a@abc.com"), RESULT_BAD);
	assert_int_equal(store_identity_find(s->store, "a@abc.com", &identity), RESULT_OK);
	assert_int_equal(identity.group_count, LIMIT_IDENTITY_GROUPS);
}

static void names_that_are_empty_or_too_long_are_refused(void **state)
{
	struct stored *s = *state;
	char name[STORE_GROUP_NAME_BYTES + 2];

	memset(name, 'g', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(store_group_add(s->store, "", "a@abc.com"), RESULT_BAD);
	assert_int_equal(store_group_add(s->store, "g", ""), RESULT_BAD);
	assert_int_equal(store_group_add(s->store, name, "a@abc.com"), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(members_come_by_group_and_name),
		STORED_TEST(member_is_added_once_and_removed_once),
		STORED_TEST(groups_of_one_identity_are_bounded),
		STORED_TEST(names_that_are_empty_or_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
