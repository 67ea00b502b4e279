/*
 * The driver for PostgreSQL's protocol, by libpq. A lost connection is made anew at the next use,
 * at most once a second; the hosts of the connection string are tried in their order, so that
 * target_session_attrs=read-write finds the primary after a failover.
 */
#include <stdlib.h>

#include "controlplane/store/sql_postgres_state.h"

static uint64_t changed(struct store *store)
{
	return postgres_store_of(store)->changed;
}

/* The revision's row, changed first in each transaction, is what everybody waits for. */
static enum result transaction(struct store *store)
{
	enum result result = postgres_connection_ensure(&postgres_store_of(store)->connection);

	return result == RESULT_OK
		       ? postgres_connection_run(&postgres_store_of(store)->connection, "BEGIN")
		       : result;
}

static bool is_in_transaction(struct store *store)
{
	return postgres_connection_is_in_transaction(&postgres_store_of(store)->connection);
}

static enum result tell(struct store *store)
{
	return postgres_connection_run(&postgres_store_of(store)->connection,
				       "NOTIFY " POSTGRES_CHANNEL);
}

static enum result script(struct store *store, const char *text)
{
	return postgres_connection_run(&postgres_store_of(store)->connection, text);
}

static enum result number(struct store *store, const char *text, int64_t *value)
{
	struct postgres_store *s = postgres_store_of(store);
	PGresult *rows =
		postgres_connection_answer(&s->connection, PQsendQuery(s->connection.own, text));
	enum result result = RESULT_OK;

	if (PQresultStatus(rows) != PGRES_TUPLES_OK)
		result = postgres_connection_failure(&s->connection, rows);
	else if (PQntuples(rows) == 0)
		result = RESULT_NOT_FOUND;
	else
		*value = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
	PQclear(rows);
	return result;
}

static int descriptor(struct store *store)
{
	return postgres_connection_descriptor(&postgres_store_of(store)->connection);
}

static void take(struct store *store)
{
	postgres_connection_take(&postgres_store_of(store)->connection);
}

static void interrupt(struct store *store)
{
	postgres_connection_interrupt(&postgres_store_of(store)->connection);
}

static void close_all(struct store *store)
{
	struct postgres_store *s = postgres_store_of(store);

	for (int i = 0; i < SQL_COUNT; i++)
		PQclear(s->statement[i].rows);
	postgres_connection_close(&s->connection);
	free(s);
}

static const struct sql_driver postgres_driver = {
	.words =
		{
			.serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
			.integer = "BIGINT",
			.text = "TEXT COLLATE \"C\"",
			.bytes = "BYTEA",
			.bytes_begin = "'\\x",
			.row_end = "",
		},
	.dialect = SQL_POSTGRES,
	.schema_lock = "SELECT pg_advisory_xact_lock(1397050185)", /* "SEKI" */
	.has_table = "SELECT count(to_regclass('%s'))",
	.has_column = "SELECT count(*) FROM pg_attribute WHERE attrelid = '%s'::regclass"
		      " AND attname = '%s' AND NOT attisdropped",
	.close = close_all,
	.interrupt = interrupt,
	.begin = postgres_begin,
	.bind_text = postgres_bind_text,
	.bind_bytes = postgres_bind_bytes,
	.bind_integer = postgres_bind_integer,
	.step = postgres_step,
	.reset = postgres_reset,
	.text = postgres_text,
	.bytes = postgres_bytes,
	.integer = postgres_integer,
	.changed = changed,
	.transaction = transaction,
	.is_in_transaction = is_in_transaction,
	.tell = tell,
	.script = script,
	.number = number,
	.descriptor = descriptor,
	.take = take,
};

enum result sql_postgres_open(const char *conninfo, const char *password_file, struct store **out)
{
	struct postgres_store *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return RESULT_MEMORY;
	*out = &s->common;
	s->common.driver = &postgres_driver;
	s->connection.interrupt = -1;
	return postgres_connection_open(&s->connection, &s->common, conninfo, password_file);
}
