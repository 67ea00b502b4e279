/* The driver for SQLite 3: a file, WAL mode. */
#include "controlplane/store/sql_sqlite.h"
#include "controlplane/store/sql_sqlite_state.h"

static sqlite3_stmt *own_of(struct sql_statement *statement)
{
	return ((struct sqlite_statement *)statement)->own;
}

sqlite3 *sql_sqlite_handle(struct store *store)
{
	return sqlite_store_of(store)->db;
}

enum result sqlite_failure(struct store *store)
{
	sqlite3 *db = sqlite_store_of(store)->db;

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
	struct sqlite_statement *slot = &sqlite_store_of(store)->statement[which];

	slot->common.driver = store->driver;
	if (sqlite_store_of(store)->db == NULL)
		return RESULT_IO; /* why it could not be opened has been said */
	if (slot->own == NULL &&
	    sqlite3_prepare_v3(sqlite_store_of(store)->db, sql_text[which], -1,
			       SQLITE_PREPARE_PERSISTENT, &slot->own, NULL) != SQLITE_OK)
		return sqlite_failure(store);
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
	return code == SQLITE_DONE ? RESULT_NOT_FOUND : sqlite_failure(store);
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
	return (uint64_t)sqlite3_changes64(sqlite_store_of(store)->db);
}

static enum result transaction(struct store *store)
{
	struct sqlite_store *s = sqlite_store_of(store);
	enum result result;

	if (s->begin == NULL &&
	    sqlite3_prepare_v2(s->db, "BEGIN IMMEDIATE", -1, &s->begin, NULL) != SQLITE_OK)
		return sqlite_failure(store);
	result = step_own(store, s->begin);
	sqlite3_reset(s->begin);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static bool is_in_transaction(struct store *store)
{
	return sqlite_store_of(store)->db != NULL &&
	       !sqlite3_get_autocommit(sqlite_store_of(store)->db);
}

enum result sqlite_script(struct store *store, const char *text)
{
	if (sqlite3_exec(sqlite_store_of(store)->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_failure(store);
	return RESULT_OK;
}

static enum result number(struct store *store, const char *text, int64_t *value)
{
	sqlite3_stmt *own;
	enum result result;

	if (sqlite3_prepare_v2(sqlite_store_of(store)->db, text, -1, &own, NULL) != SQLITE_OK)
		return sqlite_failure(store);
	result = step_own(store, own);
	if (result == RESULT_OK)
		*value = sqlite3_column_int64(own, 0);
	sqlite3_finalize(own);
	return result;
}

const struct sql_driver sqlite_driver = {
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
	.close = sqlite_close,
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
	.stand = sqlite_stand,
	.script = sqlite_script,
	.number = number,
};
