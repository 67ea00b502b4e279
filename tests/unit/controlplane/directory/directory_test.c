#include "controlplane/directory/directory.h"

#include "tests/unit/controlplane/store/stored.h"

static int make(void **state)
{
	assert_int_equal(directory_create((struct directory **)state), RESULT_OK);
	return 0;
}

static int end(void **state)
{
	directory_destroy(*state);
	return 0;
}

static struct slice text(const char *at)
{
	return slice_make(at, strlen(at));
}

static void subscriber_is_found_as_he_was_put(void **state)
{
	struct store_subscriber put = subscriber_of("a@abc.com", "b@abc.com"), found = {0};

	put.is_by_certificate = true;
	assert_int_equal(directory_subscriber_put(*state, &put), RESULT_OK);
	assert_int_equal(directory_subscriber_find(*state, text("a@abc.com"), &found), RESULT_OK);
	assert_memory_equal(&found, &put, sizeof(put));
	assert_int_equal(directory_subscriber_find(*state, text("b@abc.com"), &found),
			 RESULT_NOT_FOUND);
	assert_int_equal(directory_subscriber_count(*state), 1);
}

static void put_replaces_and_remove_forgets(void **state)
{
	struct store_subscriber put = subscriber_of("a@abc.com", "b@abc.com"), found = {0};

	assert_int_equal(directory_subscriber_put(*state, &put), RESULT_OK);
	put.is_enabled = false;
	put.identity_count = 1;
	assert_int_equal(directory_subscriber_put(*state, &put), RESULT_OK);
	assert_int_equal(directory_subscriber_find(*state, text("a@abc.com"), &found), RESULT_OK);
	assert_false(found.is_enabled);
	assert_int_equal(found.identity_count, 1);
	assert_int_equal(directory_subscriber_count(*state), 1);
	assert_int_equal(directory_subscriber_remove(*state, text("a@abc.com")), RESULT_OK);
	assert_int_equal(directory_subscriber_remove(*state, text("a@abc.com")), RESULT_NOT_FOUND);
	assert_int_equal(directory_subscriber_count(*state), 0);
}

static void identity_is_found_with_its_groups(void **state)
{
	const struct store_identity put = {.aor = "a@abc.com",
					   .is_subscribers = true,
					   .must_be_secure = true,
					   .minimum_level = 2,
					   .group_count = 2,
					   .group = {7, 9}};
	struct store_identity found;

	assert_int_equal(directory_identity_put(*state, &put), RESULT_OK);
	assert_int_equal(directory_identity_find(*state, text("a@abc.com"), &found), RESULT_OK);
	assert_memory_equal(&found, &put, sizeof(put));
	assert_int_equal(directory_identity_find(*state, text("x@abc.com"), &found),
			 RESULT_NOT_FOUND);
	assert_string_equal(found.aor, "x@abc.com");
	assert_false(found.is_subscribers);
	assert_int_equal(directory_identity_remove(*state, text("a@abc.com")), RESULT_OK);
	assert_int_equal(directory_identity_find(*state, text("a@abc.com"), &found),
			 RESULT_NOT_FOUND);
}

#define NAMES 1000

static void name_of(int number, struct store_identity *out)
{
	*out = (struct store_identity){0};
	snprintf(out->aor, sizeof(out->aor), "%d@abc.com", number);
}

/* How often each of the names was seen. */
static void count_each(void *ctx, const struct store_identity *identity)
{
	((int *)ctx)[atoi(identity->aor)]++;
}

static void walk_in_pieces_sees_each_name_once(void **state)
{
	struct directory_walk walk = {0};
	struct store_identity put;
	int seen[NAMES] = {0}, pieces = 1;

	for (int number = 0; number < NAMES; number++) {
		name_of(number, &put);
		assert_int_equal(directory_identity_put(*state, &put), RESULT_OK);
	}
	for (; directory_identities_walk(*state, &walk, 100, count_each, seen); pieces++)
		assert_true(pieces <= NAMES / 100);
	assert_true(pieces > NAMES / 110);
	for (int number = 0; number < NAMES; number++)
		assert_int_equal(seen[number], 1);
}

static void walk_misses_nothing_when_the_directory_grows_meanwhile(void **state)
{
	struct directory_walk walk = {0};
	struct store_identity put;
	int seen[NAMES] = {0};

	for (int number = 0; number < NAMES / 2; number++) {
		name_of(number, &put);
		assert_int_equal(directory_identity_put(*state, &put), RESULT_OK);
	}
	assert_true(directory_identities_walk(*state, &walk, NAMES / 4, count_each, seen));
	for (int number = NAMES / 2; number < NAMES; number++) {
		name_of(number, &put);
		assert_int_equal(directory_identity_put(*state, &put), RESULT_OK);
	}
	while (directory_identities_walk(*state, &walk, 100, count_each, seen))
		;
	for (int number = 0; number < NAMES; number++)
		assert_true(seen[number] >= 1);
}

#define DIRECTORY_TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIRECTORY_TEST(subscriber_is_found_as_he_was_put),
		DIRECTORY_TEST(put_replaces_and_remove_forgets),
		DIRECTORY_TEST(identity_is_found_with_its_groups),
		DIRECTORY_TEST(walk_in_pieces_sees_each_name_once),
		DIRECTORY_TEST(walk_misses_nothing_when_the_directory_grows_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
