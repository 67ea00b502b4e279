/* What is particular to PostgreSQL; the rest is what any store does. */
#include <poll.h>
#include <pthread.h>
#include <time.h>

#include "tests/unit/controlplane/store/stored.h"

static void what_was_put_is_there_after_opening_again(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;

	subscriber_put(s->store, "a@abc.com");
	store_close(s->store);
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
}

static void lost_connection_is_made_anew(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;

	subscriber_put(s->store, "a@abc.com");
	stored_postgres_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
			    " WHERE application_name = 'sekisho'");
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "cannot be reached"));
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	subscriber_put(s->store, "b@abc.com");
}

static void another_ones_change_makes_the_descriptor_readable(void **state)
{
	struct stored *s = *state;
	struct store *other;
	struct pollfd poller = {.fd = store_descriptor(s->store), .events = POLLIN};

	assert_int_equal(stored_open(s, &other), RESULT_OK);
	/* what was said while the data base was made and opened may still be on its way */
	for (int i = 0; i < 10 && poll(&poller, 1, 200) == 1; i++)
		store_descriptor_take(s->store);
	assert_int_equal(poll(&poller, 1, 0), 0);
	subscriber_put(other, "a@abc.com");
	assert_int_equal(poll(&poller, 1, 5000), 1);
	store_descriptor_take(s->store);
	assert_int_equal(poll(&poller, 1, 0), 0);
	store_close(other);
}

static void locked_data_base_refuses_writing_and_goes_on_reading(void **state)
{
	struct stored *s = *state;
	struct store_subscriber late = subscriber_of("b@abc.com", NULL), found;
	PGconn *other = PQconnectdb(stored_postgres());

	subscriber_put(s->store, "a@abc.com");
	PQclear(PQexec(other, "BEGIN; LOCK TABLE meta IN EXCLUSIVE MODE"));
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_STALE);
	assert_non_null(strstr(store_message(s->store), "is locked by another program"));
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	PQclear(PQexec(other, "ROLLBACK"));
	PQfinish(other);
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_OK);
}

static void *soon_interrupt(void *arg)
{
	const struct timespec pause = {0, 500000000};

	nanosleep(&pause, NULL);
	store_interrupt(arg);
	return NULL;
}

static void waiting_for_a_server_ends_when_the_store_is_to_be_closed(void **state)
{
	struct stored *s = *state;
	struct store_subscriber late = subscriber_of("b@abc.com", NULL);
	const time_t begun = time(NULL);
	PGconn *other = PQconnectdb(stored_postgres());
	pthread_t thread;

	PQclear(PQexec(other, "BEGIN; LOCK TABLE meta IN EXCLUSIVE MODE"));
	assert_int_equal(pthread_create(&thread, NULL, soon_interrupt, s->store), 0);
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_IO);
	assert_in_range(time(NULL) - begun, 0, 3); /* a lock is waited for 5 s, an answer 10 */
	pthread_join(thread, NULL);
	PQfinish(other);
}

/* As a server whose disk hangs, or behind a way that swallows what is sent. */
static void server_that_says_nothing_is_given_up_and_found_again(void **state)
{
	struct stored *s = *state;
	struct store_subscriber late = subscriber_of("b@abc.com", NULL), found;
	const time_t begun = time(NULL);

	stored_postgres_run("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
			    " 'BEGIN PERFORM pg_sleep(20); RETURN NEW; END';"
			    "CREATE TRIGGER wait BEFORE INSERT ON subscriber FOR EACH ROW"
			    " EXECUTE FUNCTION wait()");
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "does not answer"));
	assert_in_range(time(NULL) - begun, 9, 18);
	assert_int_equal(store_subscriber_find(s->store, "b@abc.com", &found), RESULT_NOT_FOUND);
	stored_postgres_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
			    " WHERE application_name = 'sekisho' AND wait_event = 'PgSleep';"
			    "DROP TRIGGER wait ON subscriber; DROP FUNCTION wait");
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_OK);
}

static void primary_that_became_a_standby_is_left(void **state)
{
	struct stored *s = *state;
	struct store_subscriber late = subscriber_of("b@abc.com", NULL);

	stored_postgres_run("ALTER DATABASE postgres SET default_transaction_read_only = on");
	store_close(s->store);
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_STALE);
	assert_non_null(strstr(store_message(s->store), "is read-only"));
	stored_postgres_run("BEGIN READ WRITE;"
			    "ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_OK);
}

static void nobody_there_is_told(void **state)
{
	const struct store_place place = {.postgres = "host=/nonexistent dbname=none"};
	struct store *store;

	(void)state;
	assert_int_equal(store_open(&place, &store), RESULT_IO);
	assert_non_null(strstr(store_message(store), "none at /nonexistent cannot be reached"));
	store_close(store);
}

static void password_in_the_connection_string_is_refused_and_not_told(void **state)
{
	const struct store_place place = {.postgres = "host=/tmp dbname=x password=hunter2"};
	struct store *store;

	(void)state;
	assert_int_equal(store_open(&place, &store), RESULT_DENIED);
	assert_null(strstr(store_message(store), "hunter2"));
	assert_non_null(strstr(store_message(store), "password"));
	store_close(store);
}

static void malformed_connection_string_is_refused(void **state)
{
	const struct store_place place = {.postgres = "this is none"};
	struct store *store;

	(void)state;
	assert_int_equal(store_open(&place, &store), RESULT_BAD);
	store_close(store);
}

static void two_that_open_an_empty_data_base_make_one_schema(void **state)
{
	struct stored *s = *state;
	struct store *other;
	struct store_subscriber found;

	store_close(s->store);
	stored_postgres_run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(stored_open(s, &other), RESULT_OK);
	subscriber_put(other, "a@abc.com");
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	store_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(what_was_put_is_there_after_opening_again),
		STORED_TEST(lost_connection_is_made_anew),
		STORED_TEST(another_ones_change_makes_the_descriptor_readable),
		STORED_TEST(locked_data_base_refuses_writing_and_goes_on_reading),
		STORED_TEST(waiting_for_a_server_ends_when_the_store_is_to_be_closed),
		STORED_TEST(server_that_says_nothing_is_given_up_and_found_again),
		STORED_TEST(primary_that_became_a_standby_is_left),
		STORED_TEST(two_that_open_an_empty_data_base_make_one_schema),
		cmocka_unit_test(nobody_there_is_told),
		cmocka_unit_test(password_in_the_connection_string_is_refused_and_not_told),
		cmocka_unit_test(malformed_connection_string_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
