#include "tests/unit/controlplane/store/stored.h"

#include "controlplane/store/sql_sqlite.h"

#include <fcntl.h>

#include <sys/stat.h>

static void file_is_for_its_owner_only(void **state)
{
	struct stored *s = *state;
	struct stat status;

	assert_int_equal(stat(s->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void what_was_put_is_there_after_opening_again(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;

	subscriber_put(s->store, "a@abc.com");
	store_close(s->store);
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
}

static void other_run(struct stored *s, sqlite3 **db, const char *sql)
{
	if (*db == NULL)
		assert_int_equal(sqlite3_open(s->path, db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(*db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void locked_data_base_refuses_writing_and_goes_on_reading(void **state)
{
	struct stored *s = *state;
	struct store_subscriber late = subscriber_of("b@abc.com", NULL), found;
	sqlite3 *db = NULL;

	subscriber_put(s->store, "a@abc.com");
	other_run(s, &db, "BEGIN IMMEDIATE");
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_STALE);
	assert_non_null(strstr(store_message(s->store), "is locked by another program"));
	assert_non_null(strstr(store_message(s->store), s->path));
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	other_run(s, &db, "ROLLBACK");
	sqlite3_close(db);
	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_OK);
}

static void full_data_base_loses_nothing_it_had(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;
	enum result result = RESULT_OK;
	char id[64];
	int added;

	/* The limit is of a connection, not of the file: it is set on the store's own. */
	assert_int_equal(sqlite3_exec(sql_sqlite_handle(s->store), "PRAGMA max_page_count = 40", NULL, NULL, NULL),
			 SQLITE_OK);
	for (added = 0; result == RESULT_OK && added < 10000; added++) {
		snprintf(id, sizeof(id), "user-%d@abc.com", added);
		struct store_subscriber one = subscriber_of(id, NULL);

		result = store_subscriber_add(s->store, &one);
	}
	assert_int_equal(result, RESULT_SPACE);
	assert_non_null(strstr(store_message(s->store), "is full"));
	assert_true(added > 1);
	assert_int_equal(store_subscriber_find(s->store, "user-0@abc.com", &found), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, id, &found), RESULT_NOT_FOUND);
}

static void corrupt_data_base_is_refused_with_a_sentence(void **state)
{
	struct stored *s = *state;
	int fd;

	store_close(s->store);
	fd = open(s->path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is no data base, whatever its name says of it......", 56),
			 56);
	close(fd);
	assert_int_equal(stored_open(s, &s->store), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "is corrupt"));
}

static void damage_in_the_middle_is_found_when_read(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;
	char id[64], noise[4096];
	enum result result = RESULT_OK;
	int fd;

	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "user-%03d@abc.com", i);
		subscriber_put(s->store, id);
	}
	store_close(s->store);
	memset(noise, 0xa5, sizeof(noise));
	fd = open(s->path, O_WRONLY);
	for (int page = 20; page < 36; page++)
		assert_int_equal(pwrite(fd, noise, sizeof(noise), page * 4096), sizeof(noise));
	close(fd);
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	for (int i = 0; i < 200 && result != RESULT_IO; i++) {
		snprintf(id, sizeof(id), "user-%03d@abc.com", i);
		result = store_subscriber_find(s->store, id, &found);
	}
	assert_int_equal(result, RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "is corrupt"));
}

static void path_that_cannot_be_made_is_told(void **state)
{
	const struct store_place place = {.sqlite = "/nonexistent/folder/store.sqlite"};
	struct store *store = NULL;

	(void)state;
	assert_int_equal(store_open(&place, &store), RESULT_IO);
	assert_non_null(strstr(store_message(store), "No such file or directory"));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(file_is_for_its_owner_only),
		STORED_TEST(what_was_put_is_there_after_opening_again),
		STORED_TEST(locked_data_base_refuses_writing_and_goes_on_reading),
		STORED_TEST(full_data_base_loses_nothing_it_had),
		STORED_TEST(corrupt_data_base_is_refused_with_a_sentence),
		STORED_TEST(damage_in_the_middle_is_found_when_read),
		cmocka_unit_test(path_that_cannot_be_made_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
