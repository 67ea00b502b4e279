#include "controlplane/directory/follower.h"

#include <event2/event.h>
#include <time.h>

#include "tests/unit/controlplane/store/stored.h"

/* A keeper that follows, and what it told, a word each. */
struct followed {
	struct stored *stored;
	struct store *other; /* who changes the store beside it */
	struct event_base *base;
	struct keeper *keeper;
	struct follower *follower;
	char told[1024];
	bool is_done;
};

static void add(struct followed *f, const char *kind, const char *name)
{
	sprintf(f->told + strlen(f->told), "%s:%s ", kind, name);
}

static void subscriber(void *ctx, const char *id, const struct store_subscriber *now)
{
	add(ctx, now == NULL ? "gone" : now->is_enabled ? "enabled" : "disabled", id);
}

static void identity(void *ctx, const struct store_identity *now, bool is_there)
{
	add(ctx, !is_there ? "nobody" : now->is_subscribers ? "ours" : "known", now->aor);
}

static void policy(void *ctx, enum result result, struct policy_source *taken,
		   const struct policy_fault *fault)
{
	(void)fault;
	add(ctx, "policy", result == RESULT_OK ? "good" : "bad");
	if (result == RESULT_OK)
		policy_source_free(taken);
}

static void keys(void *ctx)
{
	add(ctx, "keys", "");
}

static void location(void *ctx, const struct store_location *now)
{
	add(ctx, now->since_s == 0 ? "left" : "at", now->aor);
}

static void changed(void *ctx, const char *sentence)
{
	(void)ctx, (void)sentence;
}

static int followed_make(void **state)
{
	struct followed *f = calloc(1, sizeof(*f));
	const struct follower_events events = {f, subscriber, identity, policy, keys, location};
	struct keeper_settings settings = {.follow = follower_step, .changed = changed, .ctx = f};
	uint64_t revision = 0;

	stored_make((void **)&f->stored);
	assert_int_equal(stored_open(f->stored, &f->other), RESULT_OK);
	assert_int_equal(store_revision(f->other, &revision), RESULT_OK);
	f->base = event_base_new();
	assert_int_equal(follower_create(&events, revision, &f->follower), RESULT_OK);
	settings.base = f->base;
	settings.follow_ctx = f->follower;
	assert_int_equal(keeper_create(&settings, f->stored->store, &f->keeper), RESULT_OK);
	f->stored->store = NULL;
	*state = f;
	return 0;
}

static int followed_remove(void **state)
{
	struct followed *f = *state;

	keeper_destroy(f->keeper);
	follower_destroy(f->follower);
	event_base_free(f->base);
	store_close(f->other);
	stored_remove((void **)&f->stored);
	free(f);
	return 0;
}

static enum result nothing(struct store *store, void *arg)
{
	(void)store, (void)arg;
	return RESULT_OK;
}

static void done(void *arg, enum result result)
{
	struct followed *f = arg;

	assert_int_equal(result, RESULT_OK);
	f->is_done = true;
}

static void told_is(struct followed *f, const char *expected)
{
	f->is_done = false;
	assert_int_equal(keeper_do(f->keeper, nothing, done, f), RESULT_OK);
	while (!f->is_done)
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_string_equal(f->told, expected);
	f->told[0] = '\0';
}

static void what_another_changes_is_told(void **state)
{
	struct followed *f = *state;
	struct store_rule rule = {.priority = 1,
				  .action = POLICY_ALLOW,
				  .caller.match = POLICY_MATCH_ANY,
				  .callee.match = POLICY_MATCH_ANY};
	struct store_key key = {.purpose = 2, .id = 1, .sealed_length = 3};
	uint32_t id;

	subscriber_put(f->other, "a@abc.com");
	told_is(f, "enabled:a@abc.com ours:a@abc.com ");
	assert_int_equal(store_group_add(f->other, "staff", "b@xyz.com"), RESULT_OK);
	told_is(f, "known:b@xyz.com ");
	assert_int_equal(store_rule_add(f->other, &rule, &id), RESULT_OK);
	told_is(f, "policy:good ");
	assert_int_equal(store_key_put(f->other, &key), RESULT_OK);
	told_is(f, "keys: ");
	told_is(f, "");
}

static void who_goes_takes_his_names_with_him(void **state)
{
	struct followed *f = *state;

	subscriber_put(f->other, "a@abc.com");
	told_is(f, "enabled:a@abc.com ours:a@abc.com ");
	assert_int_equal(store_subscriber_delete(f->other, "a@abc.com"), RESULT_OK);
	told_is(f, "gone:a@abc.com nobody:a@abc.com ");
}

static void name_that_goes_from_one_to_another_stays(void **state)
{
	struct followed *f = *state;
	struct store_subscriber a = subscriber_of("a@abc.com", "n@abc.com"),
				b = subscriber_of("b@abc.com", "n@abc.com");

	assert_int_equal(store_subscriber_add(f->other, &a), RESULT_OK);
	told_is(f, "enabled:a@abc.com ours:a@abc.com ours:n@abc.com ");
	assert_int_equal(store_subscriber_delete(f->other, "a@abc.com"), RESULT_OK);
	assert_int_equal(store_subscriber_add(f->other, &b), RESULT_OK);
	told_is(f, "gone:a@abc.com nobody:a@abc.com ours:n@abc.com enabled:b@abc.com "
		   "ours:b@abc.com ours:n@abc.com ");
}

static void where_a_name_is_and_no_longer_is_told(void **state)
{
	struct followed *f = *state;
	struct store_location there = {"a@abc.com", 2, 1000, 5};

	assert_int_equal(store_locations_put(f->other, &there, 1), RESULT_OK);
	told_is(f, "at:a@abc.com ");
	there.since_s = 0;
	assert_int_equal(store_locations_put(f->other, &there, 1), RESULT_OK);
	told_is(f, "left:a@abc.com ");
}

#define FOLLOWED_TEST(name) cmocka_unit_test_setup_teardown(name, followed_make, followed_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWED_TEST(what_another_changes_is_told),
		FOLLOWED_TEST(who_goes_takes_his_names_with_him),
		FOLLOWED_TEST(name_that_goes_from_one_to_another_stays),
		FOLLOWED_TEST(where_a_name_is_and_no_longer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
