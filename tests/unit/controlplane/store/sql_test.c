/* What the drivers have in common, and the schema. */
#include "controlplane/store/sql.h"
#include "tests/unit/controlplane/store/stored.h"

static void sentence_about_a_failure_is_one_line(void **state)
{
	struct stored *s = *state;

	assert_int_equal(sql_fail(s->store, RESULT_IO, "cannot be used", "one\ntwo\n"), RESULT_IO);
	assert_null(strchr(store_message(s->store), '\n'));
	assert_non_null(strstr(store_message(s->store), " cannot be used: one two"));
}

static void store_that_has_not_failed_is_in_order(void **state)
{
	struct stored *s = *state;

	assert_string_equal(store_message(s->store), "the data base is in order");
	assert_string_equal(store_message(NULL), "there is no memory for the data base");
}

static void failed_transaction_leaves_nothing(void **state)
{
	struct stored *s = *state;
	uint64_t before, after;
	int64_t id = 0;

	assert_int_equal(store_revision(s->store, &before), RESULT_OK);
	assert_int_equal(sql_transaction(s->store), RESULT_OK);
	assert_int_equal(sql_group_ensure(s->store, "sales", &id), RESULT_OK);
	assert_true(id > 0);
	assert_int_equal(sql_transaction_end(s->store, RESULT_BAD), RESULT_BAD);
	assert_false(s->store->driver->is_in_transaction(s->store));
	assert_int_equal(store_revision(s->store, &after), RESULT_OK);
	assert_int_equal(after, before);
	assert_int_equal(store_group_remove(s->store, "sales", "a@abc.com"), RESULT_NOT_FOUND);
}

/* Walks over rows and leaves them in the middle: the next statement finds the store as it was. */
static bool stop_at_once(void *ctx, const struct store_subscriber *subscriber)
{
	(void)subscriber;
	++*(int *)ctx;
	return false;
}

static void walk_that_is_left_in_the_middle_disturbs_nothing(void **state)
{
	struct stored *s = *state;
	int seen = 0;

	for (char name[] = "a@abc.com"; name[0] < 'f'; name[0]++)
		subscriber_put(s->store, name);
	assert_int_equal(store_subscribers_each(s->store, stop_at_once, &seen), RESULT_OK);
	assert_int_equal(seen, 1);
	subscriber_put(s->store, "z@abc.com");
}

static void tables_are_made_once(void **state)
{
	struct stored *s = *state;

	assert_int_equal(sql_schema_ensure(s->store), RESULT_OK);
	subscriber_put(s->store, "a@abc.com");
	assert_int_equal(sql_schema_ensure(s->store), RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(sentence_about_a_failure_is_one_line),
		STORED_TEST(store_that_has_not_failed_is_in_order),
		STORED_TEST(failed_transaction_leaves_nothing),
		STORED_TEST(walk_that_is_left_in_the_middle_disturbs_nothing),
		STORED_TEST(tables_are_made_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
