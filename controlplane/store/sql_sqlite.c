/* The driver for SQLite 3: a file, WAL mode. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/store/sql.h"
#include "controlplane/store/sql_sqlite.h"
#include "controlplane/store/sql_sqlite_file.h"

/* How long a lock held by somebody else is waited for, by the keeper's thread. */
#define BUSY_WAIT_MS 2000

struct sqlite_statement {
	struct sql_statement common;
	sqlite3_stmt *own;
};

struct sqlite_store {
	struct store common;
	sqlite3 *db; /* NULL: it is to be opened anew */
	struct sqlite_file file;
	bool is_gone; /* as was said */
	struct sqlite_statement statement[SQL_COUNT];
	sqlite3_stmt *begin;
};

static sqlite3_stmt *own_of(struct sql_statement *statement)
{
	return ((struct sqlite_statement *)statement)->own;
}

static struct sqlite_store *of(struct store *store)
{
	return (struct sqlite_store *)store;
}

sqlite3 *sql_sqlite_handle(struct store *store)
{
	return of(store)->db;
}

/* What SQLite says, as a result, with a sentence for the operator if the store is to blame. */
static enum result failure(struct store *store)
{
	sqlite3 *db = of(store)->db;

	switch (sqlite3_errcode(db)) {
	case SQLITE_CONSTRAINT:
		return RESULT_EXISTS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sql_fail(store, RESULT_STALE, "is locked by another program",
				sqlite3_errmsg(db));
	case SQLITE_FULL:
		return sql_fail(store, RESULT_SPACE, "is full", sqlite3_errmsg(db));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return sql_fail(store, RESULT_IO, "is corrupt", sqlite3_errmsg(db));
	case SQLITE_NOMEM:
		return sql_fail(store, RESULT_MEMORY, "found no memory", sqlite3_errmsg(db));
	default:
		return sql_fail(store, RESULT_IO, "cannot be used", sqlite3_errmsg(db));
	}
}

static enum result begin(struct store *store, enum sql_which which, struct sql_statement **out)
{
	struct sqlite_statement *slot = &of(store)->statement[which];

	slot->common.driver = store->driver;
	if (of(store)->db == NULL)
		return RESULT_IO; /* why it could not be opened has been said */
	if (slot->own == NULL &&
	    sqlite3_prepare_v3(of(store)->db, sql_text[which], -1, SQLITE_PREPARE_PERSISTENT,
			       &slot->own, NULL) != SQLITE_OK)
		return failure(store);
	sqlite3_reset(slot->own);
	sqlite3_clear_bindings(slot->own);
	*out = &slot->common;
	return RESULT_OK;
}

static enum result step_own(struct store *store, sqlite3_stmt *own)
{
	int code = sqlite3_step(own);

	if (code == SQLITE_ROW)
		return RESULT_OK;
	return code == SQLITE_DONE ? RESULT_NOT_FOUND : failure(store);
}

static enum result step(struct store *store, struct sql_statement *statement)
{
	return step_own(store, own_of(statement));
}

/* A verifier bound to a statement is not left there. */
static void reset(struct sql_statement *statement)
{
	sqlite3_reset(own_of(statement));
	sqlite3_clear_bindings(own_of(statement));
}

static void bind_text(struct sql_statement *statement, unsigned parameter, const char *text)
{
	sqlite3_bind_text(own_of(statement), (int)parameter, text, -1, SQLITE_STATIC);
}

static void bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
		       size_t length)
{
	sqlite3_bind_blob64(own_of(statement), (int)parameter, at, length, SQLITE_STATIC);
}

static void bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value)
{
	sqlite3_bind_int64(own_of(statement), (int)parameter, value);
}

static const char *text_of(struct sql_statement *statement, unsigned column, size_t *length)
{
	const unsigned char *text = sqlite3_column_text(own_of(statement), (int)column);

	*length = (size_t)sqlite3_column_bytes(own_of(statement), (int)column);
	return (const char *)text;
}

static const void *bytes_of(struct sql_statement *statement, unsigned column, size_t *length)
{
	const void *at = sqlite3_column_blob(own_of(statement), (int)column);

	*length = (size_t)sqlite3_column_bytes(own_of(statement), (int)column);
	return at;
}

static int64_t integer_of(struct sql_statement *statement, unsigned column)
{
	return sqlite3_column_int64(own_of(statement), (int)column);
}

static uint64_t changed(struct store *store)
{
	return (uint64_t)sqlite3_changes64(of(store)->db);
}

static enum result transaction(struct store *store)
{
	struct sqlite_store *s = of(store);
	enum result result;

	if (s->begin == NULL &&
	    sqlite3_prepare_v2(s->db, "BEGIN IMMEDIATE", -1, &s->begin, NULL) != SQLITE_OK)
		return failure(store);
	result = step_own(store, s->begin);
	sqlite3_reset(s->begin);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static bool is_in_transaction(struct store *store)
{
	return of(store)->db != NULL && !sqlite3_get_autocommit(of(store)->db);
}

static enum result script(struct store *store, const char *text)
{
	if (sqlite3_exec(of(store)->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return failure(store);
	return RESULT_OK;
}

static enum result number(struct store *store, const char *text, int64_t *value)
{
	sqlite3_stmt *own;
	enum result result;

	if (sqlite3_prepare_v2(of(store)->db, text, -1, &own, NULL) != SQLITE_OK)
		return failure(store);
	result = step_own(store, own);
	if (result == RESULT_OK)
		*value = sqlite3_column_int64(own, 0);
	sqlite3_finalize(own);
	return result;
}

static void statements_end(struct sqlite_store *s)
{
	for (int i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(s->statement[i].own);
		s->statement[i].own = NULL;
	}
	sqlite3_finalize(s->begin);
	s->begin = NULL;
}

static void close_all(struct store *store)
{
	struct sqlite_store *s = of(store);

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
		return failure(&s->common);
	sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
	/* what is read last opens the journal and its index */
	result = script(&s->common, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
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
static enum result stand(struct store *store)
{
	struct sqlite_store *s = of(store);
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

static const struct sql_driver sqlite_driver = {
	.words =
		{
			.serial = "INTEGER PRIMARY KEY AUTOINCREMENT",
			.integer = "INTEGER",
			.text = "TEXT",
			.bytes = "BLOB",
			.bytes_begin = "x'",
			.row_end = " WITHOUT ROWID",
		},
	.dialect = SQL_SQLITE,
	.has_table = "SELECT count(*) FROM sqlite_schema WHERE name = '%s'",
	.has_column = "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'",
	.close = close_all,
	.begin = begin,
	.bind_text = bind_text,
	.bind_bytes = bind_bytes,
	.bind_integer = bind_integer,
	.step = step,
	.reset = reset,
	.text = text_of,
	.bytes = bytes_of,
	.integer = integer_of,
	.changed = changed,
	.transaction = transaction,
	.is_in_transaction = is_in_transaction,
	.stand = stand,
	.script = script,
	.number = number,
};

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
