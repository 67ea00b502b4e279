/* Statements of PostgreSQL's driver: prepared once a connection, asked, and read row by row. */
#include <endian.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/store/sql_postgres_state.h"

/* Until the next row of a whole table: the first may have to wait until all are sorted. */
#define STREAM_WITHIN_MS 35000

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

void postgres_reset(struct sql_statement *statement)
{
	struct postgres_statement *p = own_of(statement);

	PQclear(p->rows);
	p->rows = NULL;
	/* what is left of a stream that was not read to its end */
	while (p->is_streamed && p->store->connection.own != NULL &&
	       (p->rows = postgres_connection_next(&p->store->connection, STREAM_WITHIN_MS)) !=
		       NULL)
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

enum result postgres_begin(struct store *store, enum sql_which which, struct sql_statement **out)
{
	struct postgres_store *s = postgres_store_of(store);
	struct postgres_statement *p = &s->statement[which];
	enum result result =
		is_for_transaction(which) ? RESULT_OK : postgres_connection_ensure(&s->connection);

	p->common.driver = store->driver;
	p->store = s;
	p->which = which;
	if (result != RESULT_OK)
		return result;
	if (s->connection.own == NULL)
		return RESULT_IO;
	postgres_reset(&p->common);
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

void postgres_bind_text(struct sql_statement *statement, unsigned parameter, const char *text)
{
	bind(statement, parameter, text, 0, 0);
}

void postgres_bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
			 size_t length)
{
	bind(statement, parameter, at, length, 1);
}

void postgres_bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value)
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

enum result postgres_step(struct store *store, struct sql_statement *statement)
{
	struct postgres_store *s = postgres_store_of(store);
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

const void *postgres_bytes(struct sql_statement *statement, unsigned column, size_t *length)
{
	const struct postgres_statement *p = own_of(statement);

	*length = (size_t)PQgetlength(p->rows, p->row, (int)column);
	return PQgetisnull(p->rows, p->row, (int)column) ? NULL
							 : PQgetvalue(p->rows, p->row, (int)column);
}

const char *postgres_text(struct sql_statement *statement, unsigned column, size_t *length)
{
	return postgres_bytes(statement, column, length);
}

/* Big-endian, as long as its type: a constant in a statement is four bytes long. */
int64_t postgres_integer(struct sql_statement *statement, unsigned column)
{
	size_t length;
	const void *at = postgres_bytes(statement, column, &length);
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
