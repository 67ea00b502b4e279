/* controlplane/store/sql_sqlite_file.c, as the store uses it: files taken away while it is open. */
#include "tests/unit/controlplane/store/stored.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *beside(const struct stored *s, const char *suffix)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s%s", s->path, suffix);
	return name;
}

static void assert_refused(struct stored *s, const char *words)
{
	struct store_subscriber late = subscriber_of("late@abc.com", NULL);

	assert_int_equal(store_subscriber_add(s->store, &late), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), words));
}

/* As the next start of a control plane finds it. */
static void assert_stands(const struct stored *s, const char *id, enum result expected)
{
	const struct store_place place = {.sqlite = s->path};
	struct store_subscriber found;
	struct store *other;

	assert_int_equal(store_open(&place, &other), RESULT_OK);
	assert_int_equal(store_subscriber_find(other, id, &found), expected);
	store_close(other);
}

static void assert_all_stand(const struct stored *s)
{
	struct stat status;

	assert_stands(s, "a@abc.com", RESULT_OK);
	assert_stands(s, "b@abc.com", RESULT_OK);
	assert_int_equal(stat(s->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(access(beside(s, ".restored"), F_OK), -1);
}

static void deleted_file_is_told_and_then_put_back(void **state)
{
	struct stored *s = *state;
	uint64_t before, after;

	subscriber_put(s->store, "a@abc.com");
	assert_int_equal(store_revision(s->store, &before), RESULT_OK);
	assert_int_equal(unlink(s->path), 0);
	assert_refused(s, "is gone: the file was deleted");
	assert_int_equal(store_revision(s->store, &after), RESULT_OK);
	assert_int_equal(after, before);
	subscriber_put(s->store, "b@abc.com");
	assert_all_stand(s);
}

static void file_deleted_with_all_beside_it_is_put_back(void **state)
{
	struct stored *s = *state;
	uint64_t revision;

	subscriber_put(s->store, "a@abc.com");
	unlink(s->path);
	unlink(beside(s, "-wal"));
	unlink(beside(s, "-shm"));
	/* it is seen also where nothing is changed */
	assert_int_equal(store_revision(s->store, &revision), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "is gone: the file was deleted"));
	subscriber_put(s->store, "b@abc.com");
	assert_all_stand(s);
}

static void journal_or_index_that_was_deleted_costs_nothing(void **state)
{
	struct stored *s = *state;

	subscriber_put(s->store, "a@abc.com");
	unlink(beside(s, "-wal"));
	assert_refused(s, "its -wal or -shm file was taken away");
	subscriber_put(s->store, "b@abc.com");
	assert_all_stand(s);
	unlink(beside(s, "-shm"));
	assert_refused(s, "its -wal or -shm file was taken away");
	subscriber_put(s->store, "c@abc.com");
	assert_all_stand(s);
	assert_stands(s, "c@abc.com", RESULT_OK);
}

static void file_that_was_moved_away_is_waited_for(void **state)
{
	struct stored *s = *state;
	char elsewhere[256];

	subscriber_put(s->store, "a@abc.com");
	strcpy(elsewhere, beside(s, ".elsewhere"));
	assert_int_equal(rename(s->path, elsewhere), 0);
	for (int i = 0; i < 3; i++)
		assert_refused(s, "is gone: the file was moved away");
	assert_int_equal(access(s->path, F_OK), -1);
	assert_int_equal(rename(elsewhere, s->path), 0);
	subscriber_put(s->store, "b@abc.com");
	assert_all_stand(s);
}

static void another_file_in_its_place_is_never_written_to(void **state)
{
	struct stored *s = *state;
	int fd;

	subscriber_put(s->store, "a@abc.com");
	unlink(s->path);
	fd = open(s->path, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, "somebody's", 10), 10);
	for (int i = 0; i < 3; i++)
		assert_refused(s, "is gone: another file stands in its place");
	assert_int_equal(lseek(fd, 0, SEEK_END), 10);
	close(fd);
}

static void file_that_cannot_be_put_back_is_tried_again(void **state)
{
	struct stored *s = *state;
	char elsewhere[256];

	subscriber_put(s->store, "a@abc.com");
	snprintf(elsewhere, sizeof(elsewhere), "%s.elsewhere", s->scratch.folder);
	unlink(s->path);
	assert_int_equal(rename(s->scratch.folder, elsewhere), 0);
	assert_refused(s, "is gone: the file was deleted");
	assert_refused(s, "is gone and cannot be put back: No such file or directory");
	assert_refused(s, "is gone and cannot be put back");
	assert_int_equal(rename(elsewhere, s->scratch.folder), 0);
	subscriber_put(s->store, "b@abc.com");
	assert_all_stand(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(deleted_file_is_told_and_then_put_back),
		STORED_TEST(file_deleted_with_all_beside_it_is_put_back),
		STORED_TEST(journal_or_index_that_was_deleted_costs_nothing),
		STORED_TEST(file_that_was_moved_away_is_waited_for),
		STORED_TEST(another_file_in_its_place_is_never_written_to),
		STORED_TEST(file_that_cannot_be_put_back_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
