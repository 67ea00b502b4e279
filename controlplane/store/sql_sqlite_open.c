/* A data base of SQLite opened, closed, and opened anew when its file was taken away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/store/sql_sqlite_state.h"

/* How long a lock held by somebody else is waited for, by the keeper's thread. */
#define BUSY_WAIT_MS 2000

static void statements_end(struct sqlite_store *s)
{
	for (int i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(s->statement[i].own);
		s->statement[i].own = NULL;
	}
	sqlite3_finalize(s->begin);
	s->begin = NULL;
}

void sqlite_close(struct store *store)
{
	struct sqlite_store *s = sqlite_store_of(store);

	statements_end(s);
	sqlite_file_release(&s->file);
	sqlite3_close(s->db);
	free(s);
}

/* Made beforehand, so that it and its journal are never readable by others. */
static enum result file_make(struct store *store)
{
	int fd = open(store->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return sql_fail(store, RESULT_IO, "cannot be opened", strerror(errno));
	close(fd);
	return RESULT_OK;
}

static enum result db_open(struct sqlite_store *s)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	enum result result = file_make(&s->common);

	if (result != RESULT_OK)
		return result;
	if (sqlite3_open_v2(s->common.name, &s->db, flags, NULL) != SQLITE_OK)
		return sqlite_failure(&s->common);
	sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
	/* what is read last opens the journal and its index */
	result = sqlite_script(&s->common, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
					   "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
					   "PRAGMA trusted_schema = OFF;"
					   "SELECT count(*) FROM sqlite_schema;");
	if (result == RESULT_OK && sqlite_file_hold(&s->file, s->common.name) != RESULT_OK)
		return sql_fail(&s->common, RESULT_IO, "cannot be opened", strerror(errno));
	return result;
}

/* After it was closed, or when opening it anew has failed. */
static enum result db_open_anew(struct sqlite_store *s)
{
	enum result result = db_open(s);

	if (result != RESULT_OK) {
		sqlite_file_release(&s->file);
		sqlite3_close(s->db);
		s->db = NULL;
	}
	return result;
}

static const char *place_words(enum sqlite_file_place place)
{
	switch (place) {
	case SQLITE_FILE_DELETED:
		return "the file was deleted";
	case SQLITE_FILE_CUT_OFF:
		return "its -wal or -shm file was taken away";
	case SQLITE_FILE_MOVED:
		return "the file was moved away; what was acknowledged is in it";
	default:
		return "another file stands in its place; it is used after a restart";
	}
}

/* Said before it is put right, so that the operator learns of it. */
enum result sqlite_stand(struct store *store)
{
	struct sqlite_store *s = sqlite_store_of(store);
	enum sqlite_file_place place;
	char why[256];

	if (s->db == NULL)
		return db_open_anew(s);
	place = sqlite_file_look(&s->file);
	if (place == SQLITE_FILE_IN_PLACE) {
		s->is_gone = false;
		return RESULT_OK;
	}
	if (!s->is_gone || place == SQLITE_FILE_MOVED || place == SQLITE_FILE_REPLACED) {
		s->is_gone = true;
		return sql_fail(store, RESULT_IO, "is gone", place_words(place));
	}
	statements_end(s);
	if (sqlite_file_restore(&s->file, &s->db, why, sizeof(why)) != RESULT_OK)
		return sql_fail(store, RESULT_IO, "is gone and cannot be put back", why);
	s->is_gone = false;
	return db_open_anew(s);
}

enum result sql_sqlite_open(const char *path, struct store **out)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return RESULT_MEMORY;
	*out = &s->common;
	s->common.driver = &sqlite_driver;
	s->file.main = -1;
	snprintf(s->common.name, sizeof(s->common.name), "%s", path);
	return db_open(s);
}
