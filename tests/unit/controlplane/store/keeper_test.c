#include "controlplane/store/keeper.h"

#include <event2/event.h>
#include <sqlite3.h>
#include <time.h>

#include "tests/unit/controlplane/store/stored.h"

#define TURNS 5000 /* a millisecond each */

struct kept {
	struct stored *stored;
	struct event_base *base;
	struct keeper *keeper;
	int followed; /* the thread's; read after a job was done */
	int done, good, bad, told_before_done, slow, quick;
	enum result last;
	char sentence[1280];
};

static enum result follow(void *ctx, struct keeper *keeper, struct store *store)
{
	struct kept *k = ctx;
	uint64_t revision;

	(void)keeper;
	k->followed++;
	return store_revision(store, &revision);
}

static void changed(void *ctx, const char *sentence)
{
	struct kept *k = ctx;

	if (sentence == NULL) {
		k->good++;
	} else {
		k->bad++;
		strcpy(k->sentence, sentence);
	}
}

static void slowed(void *ctx, uint32_t ms)
{
	struct kept *k = ctx;

	if (ms == 0)
		k->quick++;
	else
		k->slow++;
}

static int kept_make(void **state)
{
	struct kept *k = calloc(1, sizeof(*k));
	const struct keeper_settings settings = {
		.follow = follow, .follow_ctx = k, .changed = changed, .slowed = slowed, .ctx = k};
	struct keeper_settings with_base = settings;

	stored_make((void **)&k->stored);
	k->base = event_base_new();
	with_base.base = k->base;
	assert_int_equal(keeper_create(&with_base, k->stored->store, &k->keeper), RESULT_OK);
	k->stored->store = NULL;
	*state = k;
	return 0;
}

static int kept_remove(void **state)
{
	struct kept *k = *state;

	keeper_destroy(k->keeper);
	event_base_free(k->base);
	stored_remove((void **)&k->stored);
	free(k);
	return 0;
}

static void turn(struct kept *k)
{
	const struct timespec pause = {0, 1000000};

	event_base_loop(k->base, EVLOOP_NONBLOCK);
	nanosleep(&pause, NULL);
}

static void turn_until(struct kept *k, const int *count, int wanted)
{
	for (int i = 0; i < TURNS && *count < wanted; i++)
		turn(k);
	assert_int_equal(*count, wanted);
}

static void done(void *arg, enum result result)
{
	struct kept *k = arg;

	k->last = result;
	k->done++;
}

static enum result add_work(struct store *store, void *arg)
{
	struct store_subscriber subscriber = subscriber_of("a@abc.com", NULL);

	(void)arg;
	return store_subscriber_add(store, &subscriber);
}

static void job_is_done_in_the_loop_with_its_result(void **state)
{
	struct kept *k = *state;

	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	assert_int_equal(k->done, 0);
	turn_until(k, &k->done, 1);
	assert_int_equal(k->last, RESULT_OK);
	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	turn_until(k, &k->done, 2);
	assert_int_equal(k->last, RESULT_EXISTS);
}

static void told(void *arg, enum result result)
{
	struct kept *k = arg;

	(void)result;
	k->told_before_done += k->done == 0;
}

static enum result post_work(struct store *store, void *arg)
{
	struct kept *k = arg;

	(void)store;
	return keeper_post(k->keeper, told, k);
}

static void what_a_job_posts_is_taken_before_it_is_done(void **state)
{
	struct kept *k = *state;

	assert_int_equal(keeper_do(k->keeper, post_work, done, k), RESULT_OK);
	turn_until(k, &k->done, 1);
	assert_int_equal(k->told_before_done, 1);
}

static void store_is_followed_after_a_job_and_once_a_second(void **state)
{
	struct kept *k = *state;
	int before;

	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	turn_until(k, &k->done, 1);
	before = k->followed;
	assert_true(before >= 1);
	for (int i = 0; i < 1500; i++)
		turn(k);
	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	turn_until(k, &k->done, 2);
	assert_true(k->followed >= before + 1);
}

static enum result slow_work(struct store *store, void *arg)
{
	const struct timespec pause = {0, 300000000};

	(void)store, (void)arg;
	nanosleep(&pause, NULL);
	return RESULT_OK;
}

static void loop_goes_on_while_the_store_is_slow(void **state)
{
	struct kept *k = *state;
	struct keeper_state seen;
	int turns = 0;

	assert_int_equal(keeper_do(k->keeper, slow_work, done, k), RESULT_OK);
	for (; k->done == 0 && turns < TURNS; turns++)
		turn(k);
	assert_true(turns > 50);
	keeper_state_get(k->keeper, &seen);
	assert_true(seen.longest_ms >= 300);
}

static enum result very_slow_work(struct store *store, void *arg)
{
	const struct timespec pause = {1, 800000000};

	(void)store, (void)arg;
	nanosleep(&pause, NULL);
	return RESULT_OK;
}

static void slow_store_is_told_while_it_is_and_when_it_no_longer_is(void **state)
{
	struct kept *k = *state;
	struct keeper_state seen;

	assert_int_equal(keeper_do(k->keeper, very_slow_work, done, k), RESULT_OK);
	turn_until(k, &k->slow, 1);
	assert_int_equal(k->done, 0);
	keeper_state_get(k->keeper, &seen);
	assert_true(seen.is_slow && seen.is_good);
	assert_true(seen.under_way_ms >= 1000);
	turn_until(k, &k->quick, 1);
	assert_int_equal(k->done, 1);
	assert_int_equal(k->slow, 1);
	keeper_state_get(k->keeper, &seen);
	assert_false(seen.is_slow);
	assert_int_equal(k->bad, 0);
}

static void one_job_too_many_is_refused(void **state)
{
	struct kept *k = *state;
	int taken = 0;

	assert_int_equal(keeper_do(k->keeper, slow_work, done, k), RESULT_OK);
	turn(k);
	while (keeper_do(k->keeper, add_work, done, k) == RESULT_OK)
		taken++;
	assert_in_range(taken, KEEPER_JOBS_MAX - 1, KEEPER_JOBS_MAX);
	turn_until(k, &k->done, taken + 1);
}

static void failing_store_is_told_once_and_its_recovery_too(void **state)
{
	struct kept *k = *state;
	struct keeper_state seen;
	sqlite3 *other;

	assert_int_equal(sqlite3_open(k->stored->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	turn_until(k, &k->done, 2);
	assert_int_equal(k->last, RESULT_STALE);
	assert_int_equal(k->bad, 1);
	assert_non_null(strstr(k->sentence, "is locked by another program"));
	keeper_state_get(k->keeper, &seen);
	assert_false(seen.is_good);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	turn_until(k, &k->good, 1);
	keeper_state_get(k->keeper, &seen);
	assert_true(seen.is_good);
	assert_int_equal(k->bad, 1);
}

static void jobs_that_wait_at_the_end_are_done_with_an_error(void **state)
{
	struct kept *k = *state;

	assert_int_equal(keeper_do(k->keeper, slow_work, done, k), RESULT_OK);
	assert_int_equal(keeper_do(k->keeper, add_work, done, k), RESULT_OK);
	keeper_destroy(k->keeper);
	k->keeper = NULL;
	assert_int_equal(k->done, 2);
	assert_int_equal(k->last, RESULT_IO);
}

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, kept_make, kept_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEPT_TEST(job_is_done_in_the_loop_with_its_result),
		KEPT_TEST(what_a_job_posts_is_taken_before_it_is_done),
		KEPT_TEST(store_is_followed_after_a_job_and_once_a_second),
		KEPT_TEST(loop_goes_on_while_the_store_is_slow),
		KEPT_TEST(slow_store_is_told_while_it_is_and_when_it_no_longer_is),
		KEPT_TEST(one_job_too_many_is_refused),
		KEPT_TEST(failing_store_is_told_once_and_its_recovery_too),
		KEPT_TEST(jobs_that_wait_at_the_end_are_done_with_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
