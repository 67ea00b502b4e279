#include "controlplane/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a lock held by somebody else is waited for: the event loop stands still meanwhile. */
#define BUSY_WAIT_MS 100

static const char *const statement_text[] = {
#define STATEMENT_TEXT(name, text) text,
	SQLITE_STATEMENTS(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

/* What SQLite says, as a result, with a sentence for the operator if the store is to blame. */
static enum result failure(struct store *store)
{
	const char *what = "cannot be used";
	enum result result = RESULT_IO;

	switch (sqlite3_errcode(store->db)) {
	case SQLITE_CONSTRAINT:
		return RESULT_EXISTS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		what = "is locked by another program";
		result = RESULT_STALE;
		break;
	case SQLITE_FULL:
		what = "is full";
		result = RESULT_SPACE;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		what = "is corrupt";
		break;
	case SQLITE_NOMEM:
		what = "found no memory";
		result = RESULT_MEMORY;
		break;
	default:
		break;
	}
	snprintf(store->message, sizeof(store->message), "the data base %s %s: %s", store->path,
		 what, sqlite3_errmsg(store->db));
	return result;
}

enum result sqlite_corrupt(struct store *store, const char *what)
{
	snprintf(store->message, sizeof(store->message), "the data base %s is corrupt: %s",
		 store->path, what);
	return RESULT_IO;
}

enum result sqlite_begin(struct store *store, enum sqlite_statement which, sqlite3_stmt **statement)
{
	sqlite3_stmt **slot = &store->statement[which];

	if (*slot == NULL && sqlite3_prepare_v3(store->db, statement_text[which], -1,
						SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK)
		return failure(store);
	sqlite3_reset(*slot);
	sqlite3_clear_bindings(*slot);
	*statement = *slot;
	return RESULT_OK;
}

enum result sqlite_step(struct store *store, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	enum result result;

	if (code == SQLITE_ROW)
		return RESULT_OK;
	result = code == SQLITE_DONE ? RESULT_NOT_FOUND : failure(store);
	sqlite3_reset(statement);
	return result;
}

enum result sqlite_run(struct store *store, sqlite3_stmt *statement)
{
	enum result result = sqlite_step(store, statement);

	if (result == RESULT_OK)
		sqlite3_reset(statement);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result sqlite_change(struct store *store, sqlite3_stmt *statement)
{
	enum result result = sqlite_run(store, statement);

	if (result == RESULT_OK && sqlite3_changes(store->db) == 0)
		return RESULT_NOT_FOUND;
	return result;
}

static enum result simple_run(struct store *store, enum sqlite_statement which)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, which, &statement);

	return result == RESULT_OK ? sqlite_run(store, statement) : result;
}

enum result sqlite_transaction(struct store *store)
{
	return simple_run(store, SQLITE_STATEMENT_BEGIN);
}

enum result sqlite_transaction_end(struct store *store, enum result result)
{
	if (result == RESULT_OK)
		result = simple_run(store, SQLITE_STATEMENT_COMMIT);
	/* SQLite itself may have ended the transaction, when the disk was full. */
	if (result != RESULT_OK && !sqlite3_get_autocommit(store->db)) {
		enum result undone = simple_run(store, SQLITE_STATEMENT_ROLLBACK);

		if (undone != RESULT_OK)
			return undone;
	}
	return result;
}

void sqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
	sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

void sqlite_bind_bytes(sqlite3_stmt *statement, int parameter, const void *at, size_t length)
{
	sqlite3_bind_blob64(statement, parameter, at, length, SQLITE_STATIC);
}

bool sqlite_column_copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	int length = sqlite3_column_bytes(statement, column);

	if (text == NULL || (size_t)length >= size || strlen((const char *)text) != (size_t)length)
		return false;
	memcpy(out, text, (size_t)length + 1);
	return true;
}

bool sqlite_column_copy_bytes(sqlite3_stmt *statement, int column, void *out, size_t size,
			      size_t *length)
{
	const void *at = sqlite3_column_blob(statement, column);
	int bytes = sqlite3_column_bytes(statement, column);

	if (at == NULL || (size_t)bytes > size)
		return false;
	memcpy(out, at, (size_t)bytes);
	*length = (size_t)bytes;
	return true;
}

/* Made beforehand, so that it and its journal are never readable by others. */
static enum result file_make(struct store *store)
{
	int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		snprintf(store->message, sizeof(store->message),
			 "the data base %s cannot be opened: %s", store->path, strerror(errno));
		return RESULT_IO;
	}
	close(fd);
	return RESULT_OK;
}

static enum result db_open(struct store *store)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	enum result result = file_make(store);

	if (result != RESULT_OK)
		return result;
	if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
		return failure(store);
	sqlite3_busy_timeout(store->db, BUSY_WAIT_MS);
	if (sqlite3_exec(store->db,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			 "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
			 "PRAGMA trusted_schema = OFF;",
			 NULL, NULL, NULL) != SQLITE_OK)
		return failure(store);
	return sqlite_schema_ensure(store);
}

enum result store_open(const char *path, struct store **out)
{
	struct store *store = calloc(1, sizeof(*store));

	*out = store;
	if (store == NULL)
		return RESULT_MEMORY;
	snprintf(store->path, sizeof(store->path), "%s", path);
	return db_open(store);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (int i = 0; i < SQLITE_STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	free(store);
}

const char *store_message(const struct store *store)
{
	if (store == NULL)
		return "there is no memory for the data base";
	return store->message[0] == '\0' ? "the data base is in order" : store->message;
}
