/*
 * The driver for PostgreSQL's protocol, by libpq. A lost connection is made anew at the next use,
 * at most once a second; the hosts of the connection string are tried in their order, so that
 * target_session_attrs=read-write finds the primary after a failover.
 */
#include <endian.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/store/sql_postgres_connection.h"

#define PARAMETERS_MAX	 12
/* Until the next row of a whole table: the first may have to wait until all are sorted. */
#define STREAM_WITHIN_MS 35000

struct postgres_store;

struct postgres_statement {
	struct sql_statement common;
	struct postgres_store *store;
	enum sql_which which;
	unsigned prepared_on; /* connection's number; 0: none */
	bool is_asked, is_streamed;
	PGresult *rows;
	int row;
	unsigned parameter_count;
	const char *value[PARAMETERS_MAX];
	int length[PARAMETERS_MAX], format[PARAMETERS_MAX];
	char number[PARAMETERS_MAX][24];
};

struct postgres_store {
	struct store common;
	struct postgres_connection connection;
	uint64_t changed;
	struct postgres_statement statement[SQL_COUNT];
};

static struct postgres_store *of(struct store *store)
{
	return (struct postgres_store *)store;
}

static struct postgres_statement *own_of(struct sql_statement *statement)
{
	return (struct postgres_statement *)statement;
}

/* "?1" of our statements is "$1" there. */
static enum result prepare(struct postgres_store *s, struct postgres_statement *p)
{
	char text[1024], name[16];
	PGresult *made;
	enum result result;
	size_t length = strlen(sql_text[p->which]);

	if (length >= sizeof(text))
		return RESULT_BAD;
	for (size_t i = 0; i <= length; i++)
		text[i] = sql_text[p->which][i] == '?' ? '$' : sql_text[p->which][i];
	snprintf(name, sizeof(name), "s%u", (unsigned)p->which);
	made = postgres_connection_answer(&s->connection,
					  PQsendPrepare(s->connection.own, name, text, 0, NULL));
	result = PQresultStatus(made) == PGRES_COMMAND_OK
			 ? RESULT_OK
			 : postgres_connection_failure(&s->connection, made);
	PQclear(made);
	p->prepared_on = result == RESULT_OK ? s->connection.number : 0;
	return result;
}

static void reset(struct sql_statement *statement)
{
	struct postgres_statement *p = own_of(statement);

	PQclear(p->rows);
	p->rows = NULL;
	/* what is left of a stream that was not read to its end */
	while (p->is_streamed && p->store->connection.own != NULL &&
	       (p->rows = postgres_connection_next(&p->store->connection, STREAM_WITHIN_MS)) != NULL)
		PQclear(p->rows);
	p->rows = NULL;
	p->is_asked = false;
	p->is_streamed = false;
	p->parameter_count = 0;
	OPENSSL_cleanse(p->number, sizeof(p->number));
}

static bool is_for_transaction(enum sql_which which)
{
	return which == SQL_COMMIT || which == SQL_ROLLBACK;
}

static enum result begin(struct store *store, enum sql_which which, struct sql_statement **out)
{
	struct postgres_store *s = of(store);
	struct postgres_statement *p = &s->statement[which];
	enum result result = is_for_transaction(which) ? RESULT_OK : postgres_connection_ensure(&s->connection);

	p->common.driver = store->driver;
	p->store = s;
	p->which = which;
	if (result != RESULT_OK)
		return result;
	if (s->connection.own == NULL)
		return RESULT_IO;
	reset(&p->common);
	if (p->prepared_on != s->connection.number && !is_for_transaction(which))
		result = prepare(s, p);
	*out = &p->common;
	return result;
}

static void bind(struct sql_statement *statement, unsigned parameter, const void *at, size_t length,
		 int format)
{
	struct postgres_statement *p = own_of(statement);

	p->value[parameter - 1] = at;
	p->length[parameter - 1] = (int)length;
	p->format[parameter - 1] = format;
	if (parameter > p->parameter_count)
		p->parameter_count = parameter;
}

static void bind_text(struct sql_statement *statement, unsigned parameter, const char *text)
{
	bind(statement, parameter, text, 0, 0);
}

static void bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
		       size_t length)
{
	bind(statement, parameter, at, length, 1);
}

static void bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value)
{
	char *number = own_of(statement)->number[parameter - 1];

	snprintf(number, sizeof(own_of(statement)->number[0]), "%lld", (long long)value);
	bind(statement, parameter, number, 0, 0);
}

/* Whole tables come row by row: a million rows do not stand in memory at once. */
static bool is_whole_table(enum sql_which which)
{
	return which == SQL_SUBSCRIBERS || which == SQL_IDENTITIES || which == SQL_LOCATIONS;
}

static enum result ask(struct postgres_store *s, struct postgres_statement *p)
{
	PGconn *own = s->connection.own;
	char name[16];
	int is_sent;

	p->is_asked = true;
	p->row = -1;
	snprintf(name, sizeof(name), "s%u", (unsigned)p->which);
	is_sent = is_for_transaction(p->which)
			  ? PQsendQuery(own, sql_text[p->which])
			  : PQsendQueryPrepared(own, name, (int)p->parameter_count, p->value,
						p->length, p->format, 1);
	if (!is_whole_table(p->which)) {
		p->rows = postgres_connection_answer(&s->connection, is_sent);
		return RESULT_OK;
	}
	if (!is_sent || !PQsetSingleRowMode(own))
		return postgres_connection_failure(&s->connection, NULL);
	p->is_streamed = true;
	return RESULT_OK;
}

static enum result rows_judge(struct postgres_store *s, struct postgres_statement *p)
{
	switch (PQresultStatus(p->rows)) {
	case PGRES_COMMAND_OK:
		s->changed = strtoull(PQcmdTuples(p->rows), NULL, 10);
		/* a COMMIT of a transaction that had failed is a ROLLBACK */
		if (p->which == SQL_COMMIT && strcmp(PQcmdStatus(p->rows), "COMMIT") != 0)
			return sql_fail(&s->common, RESULT_IO, "undid a change",
					PQcmdStatus(p->rows));
		return RESULT_NOT_FOUND;
	case PGRES_TUPLES_OK:
	case PGRES_SINGLE_TUPLE:
		p->row = 0;
		return PQntuples(p->rows) > 0 ? RESULT_OK : RESULT_NOT_FOUND;
	default:
		return postgres_connection_failure(&s->connection, p->rows);
	}
}

static enum result step(struct store *store, struct sql_statement *statement)
{
	struct postgres_store *s = of(store);
	struct postgres_statement *p = own_of(statement);
	enum result result;

	if (!p->is_asked) {
		result = ask(s, p);
		if (result != RESULT_OK || !p->is_streamed)
			return result == RESULT_OK ? rows_judge(s, p) : result;
	} else if (!p->is_streamed) {
		return p->rows != NULL && ++p->row < PQntuples(p->rows) ? RESULT_OK
									: RESULT_NOT_FOUND;
	}
	PQclear(p->rows);
	p->rows = postgres_connection_next(&s->connection, STREAM_WITHIN_MS);
	return p->rows == NULL ? RESULT_NOT_FOUND : rows_judge(s, p);
}

static const void *bytes_of(struct sql_statement *statement, unsigned column, size_t *length)
{
	const struct postgres_statement *p = own_of(statement);

	*length = (size_t)PQgetlength(p->rows, p->row, (int)column);
	return PQgetisnull(p->rows, p->row, (int)column)
		       ? NULL
		       : PQgetvalue(p->rows, p->row, (int)column);
}

static const char *text_of(struct sql_statement *statement, unsigned column, size_t *length)
{
	return bytes_of(statement, column, length);
}

/* Big-endian, as long as its type: a constant in a statement is four bytes long. */
static int64_t integer_of(struct sql_statement *statement, unsigned column)
{
	size_t length;
	const void *at = bytes_of(statement, column, &length);
	uint64_t eight;
	uint32_t four;

	if (at != NULL && length == sizeof(eight)) {
		memcpy(&eight, at, sizeof(eight));
		return (int64_t)be64toh(eight);
	}
	if (at != NULL && length == sizeof(four)) {
		memcpy(&four, at, sizeof(four));
		return (int32_t)be32toh(four);
	}
	return 0;
}

static uint64_t changed(struct store *store)
{
	return of(store)->changed;
}

/* The revision's row, changed first in each transaction, is what everybody waits for. */
static enum result transaction(struct store *store)
{
	enum result result = postgres_connection_ensure(&of(store)->connection);

	return result == RESULT_OK ? postgres_connection_run(&of(store)->connection, "BEGIN") : result;
}

static bool is_in_transaction(struct store *store)
{
	return postgres_connection_is_in_transaction(&of(store)->connection);
}

static enum result tell(struct store *store)
{
	return postgres_connection_run(&of(store)->connection, "NOTIFY " POSTGRES_CHANNEL);
}

static enum result script(struct store *store, const char *text)
{
	return postgres_connection_run(&of(store)->connection, text);
}

static enum result number(struct store *store, const char *text, int64_t *value)
{
	struct postgres_store *s = of(store);
	PGresult *rows = postgres_connection_answer(&s->connection,
						    PQsendQuery(s->connection.own, text));
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
	return postgres_connection_descriptor(&of(store)->connection);
}

static void take(struct store *store)
{
	postgres_connection_take(&of(store)->connection);
}

static void close_all(struct store *store)
{
	struct postgres_store *s = of(store);

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
	return postgres_connection_open(&s->connection, &s->common, conninfo, password_file);
}
