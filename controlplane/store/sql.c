#include "controlplane/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sql_text[SQL_COUNT] = {
#define STATEMENT_TEXT(name, text) text,
	SQL_STATEMENTS(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

enum result store_open(const struct store_place *place, struct store **store)
{
	enum result result = place->postgres != NULL && place->postgres[0] != '\0'
				     ? sql_postgres_open(place->postgres, place->password_file, store)
				     : sql_sqlite_open(place->sqlite, store);

	return result == RESULT_OK ? sql_schema_ensure(*store) : result;
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->driver->close(store);
}

void store_interrupt(struct store *store)
{
	if (store->driver->interrupt != NULL)
		store->driver->interrupt(store);
}

int store_version_before(const struct store *store)
{
	return store->version_before;
}

const char *store_message(const struct store *store)
{
	if (store == NULL)
		return "there is no memory for the data base";
	return store->message[0] == '\0' ? "the data base is in order" : store->message;
}

int store_descriptor(struct store *store)
{
	return store->driver->descriptor != NULL ? store->driver->descriptor(store) : -1;
}

void store_descriptor_take(struct store *store)
{
	if (store->driver->take != NULL)
		store->driver->take(store);
}

enum result sql_fail(struct store *store, enum result result, const char *what, const char *detail)
{
	int length = snprintf(store->message, sizeof(store->message), "the data base %s %s: %s",
			      store->name, what, detail);

	/* libpq ends its sentences with a line end, and has several at times */
	for (int i = 0; i < length && i < (int)sizeof(store->message); i++)
		if (store->message[i] == '\n')
			store->message[i] = i + 1 == length ? '\0' : ' ';
	return result;
}

enum result sql_corrupt(struct store *store, const char *what)
{
	return sql_fail(store, RESULT_IO, "is corrupt", what);
}

enum result sql_begin(struct store *store, enum sql_which which, struct sql_statement **statement)
{
	return store->driver->begin(store, which, statement);
}

enum result sql_step(struct store *store, struct sql_statement *statement)
{
	enum result result = store->driver->step(store, statement);

	if (result != RESULT_OK)
		store->driver->reset(statement);
	return result;
}

void sql_reset(struct sql_statement *statement)
{
	statement->driver->reset(statement);
}

enum result sql_run(struct store *store, struct sql_statement *statement)
{
	enum result result = sql_step(store, statement);

	if (result == RESULT_OK)
		sql_reset(statement);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result sql_change(struct store *store, struct sql_statement *statement)
{
	enum result result = sql_run(store, statement);

	if (result == RESULT_OK && store->driver->changed(store) == 0)
		return RESULT_NOT_FOUND;
	return result;
}

enum result sql_run_for_integer(struct store *store, struct sql_statement *statement,
				int64_t *value)
{
	enum result result = sql_step(store, statement);

	if (result == RESULT_OK) {
		*value = sql_column_integer(statement, 0);
		/* to its end: a statement left in the middle has not taken effect for SQLite */
		result = sql_step(store, statement);
		return result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	return result == RESULT_NOT_FOUND ? sql_corrupt(store, "a row is missing") : result;
}

static enum result simple_run(struct store *store, enum sql_which which)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, which, &statement);

	return result == RESULT_OK ? sql_run(store, statement) : result;
}

static enum result revision_grow(struct store *store)
{
	struct sql_statement *statement;
	int64_t revision;
	enum result result = sql_begin(store, SQL_REVISION_GROW, &statement);

	if (result == RESULT_OK)
		result = sql_run_for_integer(store, statement, &revision);
	if (result == RESULT_OK)
		store->revision = (uint64_t)revision;
	return result;
}

enum result sql_stand(struct store *store)
{
	return store->driver->stand != NULL ? store->driver->stand(store) : RESULT_OK;
}

enum result sql_transaction(struct store *store)
{
	enum result result = sql_stand(store);

	if (result == RESULT_OK)
		result = store->driver->transaction(store);
	if (result != RESULT_OK)
		return result;
	result = revision_grow(store);
	return result == RESULT_OK ? RESULT_OK : sql_transaction_end(store, result);
}

enum result sql_transaction_end(struct store *store, enum result result)
{
	if (result == RESULT_OK && store->driver->tell != NULL)
		result = store->driver->tell(store);
	if (result == RESULT_OK)
		result = simple_run(store, SQL_COMMIT);
	/* what is acknowledged must be found again */
	if (result == RESULT_OK)
		return sql_stand(store);
	/* The data base may have ended it by itself: the disk was full, the connection is gone. */
	if (result != RESULT_OK && store->driver->is_in_transaction(store)) {
		enum result undone = simple_run(store, SQL_ROLLBACK);

		if (undone != RESULT_OK)
			return undone;
	}
	return result;
}

void sql_bind_text(struct sql_statement *statement, unsigned parameter, const char *text)
{
	statement->driver->bind_text(statement, parameter, text);
}

void sql_bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
		    size_t length)
{
	statement->driver->bind_bytes(statement, parameter, at, length);
}

void sql_bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value)
{
	statement->driver->bind_integer(statement, parameter, value);
}

bool sql_column_copy_text(struct sql_statement *statement, unsigned column, char *out, size_t size)
{
	size_t length = 0;
	const char *text = statement->driver->text(statement, column, &length);

	if (text == NULL || length >= size || memchr(text, 0, length) != NULL)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

bool sql_column_copy_bytes(struct sql_statement *statement, unsigned column, void *out, size_t size,
			   size_t *length)
{
	size_t bytes = 0;
	const void *at = statement->driver->bytes(statement, column, &bytes);

	if (at == NULL || bytes > size)
		return false;
	memcpy(out, at, bytes);
	*length = bytes;
	return true;
}

int64_t sql_column_integer(struct sql_statement *statement, unsigned column)
{
	return statement->driver->integer(statement, column);
}
