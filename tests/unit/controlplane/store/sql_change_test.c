#include "tests/unit/controlplane/store/stored.h"

static bool changes_join(void *ctx, enum store_change_kind kind, const char *name)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%d:%s ", (int)kind, name);
	return true;
}

static uint64_t revision_of(struct store *store)
{
	uint64_t revision = 0;

	assert_int_equal(store_revision(store, &revision), RESULT_OK);
	return revision;
}

static void every_change_has_the_next_revision(void **state)
{
	struct stored *s = *state;
	uint64_t first = revision_of(s->store);

	subscriber_put(s->store, "a@abc.com");
	assert_int_equal(revision_of(s->store), first + 1);
	assert_int_equal(store_subscriber_enable(s->store, "a@abc.com", false), RESULT_OK);
	assert_int_equal(revision_of(s->store), first + 2);
}

static void change_that_fails_has_no_revision(void **state)
{
	struct stored *s = *state;
	struct store_subscriber again = subscriber_of("a@abc.com", NULL);
	uint64_t before;

	subscriber_put(s->store, "a@abc.com");
	before = revision_of(s->store);
	assert_int_equal(store_subscriber_add(s->store, &again), RESULT_EXISTS);
	assert_int_equal(store_subscriber_delete(s->store, "b@abc.com"), RESULT_NOT_FOUND);
	assert_int_equal(revision_of(s->store), before);
}

static void what_changed_after_a_revision_is_told_once(void **state)
{
	struct stored *s = *state;
	uint64_t before = revision_of(s->store);
	char all[256] = "";

	subscriber_put(s->store, "a@abc.com");
	assert_int_equal(store_group_add(s->store, "sales", "b@xyz.com"), RESULT_OK);
	assert_int_equal(store_subscriber_enable(s->store, "a@abc.com", false), RESULT_OK);
	assert_int_equal(store_changes_each(s->store, before, changes_join, all), RESULT_OK);
	assert_string_equal(all, "2:b@xyz.com 1:a@abc.com ");
	all[0] = '\0';
	assert_int_equal(store_changes_each(s->store, revision_of(s->store), changes_join, all),
			 RESULT_OK);
	assert_string_equal(all, "");
}

static void who_is_deleted_is_a_change(void **state)
{
	struct stored *s = *state;
	uint64_t before;
	char all[256] = "";

	subscriber_put(s->store, "a@abc.com");
	before = revision_of(s->store);
	assert_int_equal(store_subscriber_delete(s->store, "a@abc.com"), RESULT_OK);
	assert_int_equal(store_changes_each(s->store, before, changes_join, all), RESULT_OK);
	assert_string_equal(all, "1:a@abc.com 2:a@abc.com ");
}

static void store_that_can_be_written_says_so(void **state)
{
	struct stored *s = *state;
	uint64_t before = revision_of(s->store);
	char all[8] = "";

	assert_int_equal(store_probe(s->store), RESULT_OK);
	assert_int_equal(store_changes_each(s->store, before, changes_join, all), RESULT_OK);
	assert_string_equal(all, "");
}

static void keys_put_under_the_lock_are_one_change(void **state)
{
	struct stored *s = *state;
	struct store_key key = {.purpose = 2, .id = 1, .sealed_length = 3};
	uint64_t before = revision_of(s->store);
	char all[256] = "";

	assert_int_equal(store_keys_lock(s->store), RESULT_OK);
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	key.id = 2;
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	assert_int_equal(store_keys_unlock(s->store, RESULT_OK), RESULT_OK);
	assert_int_equal(revision_of(s->store), before + 1);
	assert_int_equal(store_changes_each(s->store, before, changes_join, all), RESULT_OK);
	assert_string_equal(all, "4: ");
}

static void keys_of_a_failed_lock_are_undone(void **state)
{
	struct stored *s = *state;
	struct store_key key = {.purpose = 2, .id = 1, .sealed_length = 3};

	assert_int_equal(store_keys_lock(s->store), RESULT_OK);
	assert_int_equal(store_key_put(s->store, &key), RESULT_OK);
	assert_int_equal(store_keys_unlock(s->store, RESULT_DENIED), RESULT_DENIED);
	assert_int_equal(store_key_delete(s->store, 2, 1), RESULT_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(every_change_has_the_next_revision),
		STORED_TEST(change_that_fails_has_no_revision),
		STORED_TEST(what_changed_after_a_revision_is_told_once),
		STORED_TEST(who_is_deleted_is_a_change),
		STORED_TEST(store_that_can_be_written_says_so),
		STORED_TEST(keys_put_under_the_lock_are_one_change),
		STORED_TEST(keys_of_a_failed_lock_are_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
