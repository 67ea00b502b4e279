/*
 * The driver for PostgreSQL's protocol, by libpq. A lost connection is made anew at the next use,
 * at most once a second; the hosts of the connection string are tried in their order, so that
 * target_session_attrs=read-write finds the primary after a failover.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controlplane/store/sql.h"
#include "controlplane/store/sql_password.h"

#define PARAMETERS_MAX 12
/* One advisory lock, of whoever makes the tables: "SEKI". */
#define SCHEMA_LOCK "SELECT pg_advisory_xact_lock(1397050185)"
#define CHANNEL	    "sekisho_change"
/* A statement, or a lock it waits for, may take so long; a dead connection is noticed by then. */
#define CONNECTION_SETTINGS                                                                        \
	"SET statement_timeout = 30000; SET lock_timeout = 5000;"                                  \
	"SET idle_in_transaction_session_timeout = 30000; SET default_transaction_isolation = "    \
	"'read committed'; SET client_min_messages = warning; LISTEN " CHANNEL

struct postgres_store;

struct postgres_statement {
	struct sql_statement common;
	struct postgres_store *store;
	enum sql_which which;
	bool is_prepared; /* on this connection */
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
	PGconn *connection;
	char *conninfo;
	char password_file[1024];
	time_t next_try;
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

static enum result connection_failed(struct postgres_store *s)
{
	return sql_fail(&s->common, RESULT_IO, "cannot be reached", PQerrorMessage(s->connection));
}

/* By SQLSTATE: the class is its first two characters. */
static enum result failure(struct postgres_store *s, const PGresult *rows)
{
	const char *state = rows != NULL ? PQresultErrorField(rows, PG_DIAG_SQLSTATE) : NULL;
	const char *words = rows != NULL ? PQresultErrorField(rows, PG_DIAG_MESSAGE_PRIMARY) : "";

	if (PQstatus(s->connection) != CONNECTION_OK || state == NULL)
		return connection_failed(s);
	if (strncmp(state, "23", 2) == 0)
		return RESULT_EXISTS;
	if (strcmp(state, "55P03") == 0 || strncmp(state, "40", 2) == 0 ||
	    strcmp(state, "57014") == 0)
		return sql_fail(&s->common, RESULT_STALE, "is locked by another program", words);
	if (strncmp(state, "53", 2) == 0)
		return sql_fail(&s->common, RESULT_SPACE, "is full", words);
	if (strncmp(state, "XX", 2) == 0)
		return sql_fail(&s->common, RESULT_IO, "is corrupt", words);
	if (strcmp(state, "25006") == 0) {
		/* a primary that became a standby: another host is to be found */
		PQfinish(s->connection);
		s->connection = NULL;
		return sql_fail(&s->common, RESULT_STALE, "is read-only", words);
	}
	return sql_fail(&s->common, RESULT_IO, "cannot be used", words);
}

static enum result connect_now(struct postgres_store *s, const char *password)
{
	const char *const keys[] = {"connect_timeout",	  "tcp_user_timeout", "application_name",
				    "keepalives_idle",	  "dbname",	      "password",
				    NULL};
	const char *const values[] = {"5", "10000", "sekisho", "10", s->conninfo, password, NULL};
	PGresult *set;
	enum result result;

	s->connection = PQconnectdbParams(keys, values, 1);
	if (s->connection == NULL)
		return RESULT_MEMORY;
	if (PQstatus(s->connection) != CONNECTION_OK)
		return connection_failed(s);
	set = PQexec(s->connection, CONNECTION_SETTINGS);
	result = PQresultStatus(set) == PGRES_COMMAND_OK ? RESULT_OK : failure(s, set);
	PQclear(set);
	return result;
}

static enum result connect_anew(struct postgres_store *s)
{
	char password[SQL_PASSWORD_BYTES] = "", why[256];
	enum result result = RESULT_OK;

	PQfinish(s->connection);
	s->connection = NULL;
	for (int i = 0; i < SQL_COUNT; i++)
		s->statement[i].is_prepared = false;
	if (s->password_file[0] != '\0')
		result = sql_password_read(s->password_file, password, why, sizeof(why));
	if (result != RESULT_OK)
		return sql_fail(&s->common, result, "has a password file that cannot be used", why);
	/* "" is none: libpq then looks into PGPASSFILE */
	result = connect_now(s, password[0] != '\0' ? password : NULL);
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

/* A transaction whose connection is lost is lost as well: only what stands alone may reconnect. */
static enum result connection_ensure(struct postgres_store *s)
{
	time_t now = time(NULL);
	enum result result;

	if (s->connection != NULL && PQstatus(s->connection) == CONNECTION_OK)
		return RESULT_OK;
	if (now < s->next_try)
		return RESULT_IO;
	result = connect_anew(s);
	if (result != RESULT_OK)
		s->next_try = time(NULL) + 1;
	return result;
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
	made = PQprepare(s->connection, name, text, 0, NULL);
	result = PQresultStatus(made) == PGRES_COMMAND_OK ? RESULT_OK : failure(s, made);
	PQclear(made);
	p->is_prepared = result == RESULT_OK;
	return result;
}

static void reset(struct sql_statement *statement)
{
	struct postgres_statement *p = own_of(statement);

	PQclear(p->rows);
	p->rows = NULL;
	/* what is left of a stream that was not read to its end */
	while (p->is_streamed && p->store->connection != NULL &&
	       (p->rows = PQgetResult(p->store->connection)) != NULL)
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
	enum result result = is_for_transaction(which) ? RESULT_OK : connection_ensure(s);

	p->common.driver = store->driver;
	p->store = s;
	p->which = which;
	if (result != RESULT_OK)
		return result;
	if (s->connection == NULL)
		return RESULT_IO;
	reset(&p->common);
	if (!p->is_prepared && !is_for_transaction(which))
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
	char name[16];

	p->is_asked = true;
	p->row = -1;
	snprintf(name, sizeof(name), "s%u", (unsigned)p->which);
	if (is_for_transaction(p->which)) {
		p->rows = PQexec(s->connection, sql_text[p->which]);
		return RESULT_OK;
	}
	if (!is_whole_table(p->which)) {
		p->rows = PQexecPrepared(s->connection, name, (int)p->parameter_count, p->value,
					 p->length, p->format, 1);
		return RESULT_OK;
	}
	if (!PQsendQueryPrepared(s->connection, name, (int)p->parameter_count, p->value, p->length,
				 p->format, 1) ||
	    !PQsetSingleRowMode(s->connection))
		return connection_failed(s);
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
		return failure(s, p->rows);
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
	p->rows = PQgetResult(s->connection);
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

static enum result command(struct postgres_store *s, const char *text)
{
	PGresult *rows = PQexec(s->connection, text);
	ExecStatusType status = PQresultStatus(rows);
	enum result result = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
				     ? RESULT_OK
				     : failure(s, rows);

	PQclear(rows);
	return result;
}

/* The revision's row, changed first in each transaction, is what everybody waits for. */
static enum result transaction(struct store *store)
{
	enum result result = connection_ensure(of(store));

	return result == RESULT_OK ? command(of(store), "BEGIN") : result;
}

static bool is_in_transaction(struct store *store)
{
	const struct postgres_store *s = of(store);
	PGTransactionStatusType status;

	if (s->connection == NULL || PQstatus(s->connection) != CONNECTION_OK)
		return false;
	status = PQtransactionStatus(s->connection);
	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static enum result tell(struct store *store)
{
	return command(of(store), "NOTIFY " CHANNEL);
}

static enum result version_read(struct postgres_store *s, int *version)
{
	PGresult *rows = PQexec(s->connection, "SELECT to_regclass('meta') IS NOT NULL");
	enum result result = PQresultStatus(rows) == PGRES_TUPLES_OK ? RESULT_OK : failure(s, rows);
	bool is_there = result == RESULT_OK && PQgetvalue(rows, 0, 0)[0] == 't';

	PQclear(rows);
	*version = 0;
	if (!is_there)
		return result;
	rows = PQexec(s->connection, "SELECT version FROM meta");
	result = PQresultStatus(rows) == PGRES_TUPLES_OK ? RESULT_OK : failure(s, rows);
	if (result == RESULT_OK && PQntuples(rows) == 1)
		*version = atoi(PQgetvalue(rows, 0, 0));
	else if (result == RESULT_OK)
		result = sql_corrupt(&s->common, "its version is missing");
	PQclear(rows);
	return result;
}

static enum result schema_lock(struct store *store, int *version)
{
	struct postgres_store *s = of(store);
	enum result result = transaction(store);

	if (result != RESULT_OK)
		return result;
	result = command(s, SCHEMA_LOCK);
	if (result == RESULT_OK)
		result = version_read(s, version);
	return result == RESULT_OK ? RESULT_OK : sql_transaction_end(store, result);
}

static enum result script(struct store *store, const char *text)
{
	return command(of(store), text);
}

static int descriptor(struct store *store)
{
	const struct postgres_store *s = of(store);

	return s->connection == NULL ? -1 : PQsocket(s->connection);
}

static void take(struct store *store)
{
	struct postgres_store *s = of(store);
	PGnotify *notice;

	if (s->connection == NULL)
		return;
	/* a connection that was closed by the other side is seen here */
	if (!PQconsumeInput(s->connection))
		connection_failed(s);
	while ((notice = PQnotifies(s->connection)) != NULL)
		PQfreemem(notice);
}

static void close_all(struct store *store)
{
	struct postgres_store *s = of(store);

	for (int i = 0; i < SQL_COUNT; i++)
		PQclear(s->statement[i].rows);
	PQfinish(s->connection);
	free(s->conninfo);
	free(s);
}

static const struct sql_driver postgres_driver = {
	.words = {"BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "BIGINT",
		  "TEXT COLLATE \"C\"", "BYTEA", ""},
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
	.schema_lock = schema_lock,
	.script = script,
	.descriptor = descriptor,
	.take = take,
};

/* What the data base is called in sentences: hosts and data base of the string, nothing secret. */
static enum result name_make(struct store *store, const char *conninfo)
{
	char *error = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &error);
	const char *host = "", *database = "";
	enum result result = RESULT_OK;

	strcpy(store->name, "of PostgreSQL");
	if (options == NULL) {
		sql_fail(store, RESULT_BAD, "has a connection string that cannot be read",
			 error != NULL ? error : "there is no memory");
		PQfreemem(error);
		return RESULT_BAD;
	}
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
		if (option->val == NULL)
			continue;
		if (strcmp(option->keyword, "host") == 0)
			host = option->val;
		else if (strcmp(option->keyword, "dbname") == 0)
			database = option->val;
		else if (strcmp(option->keyword, "password") == 0 && option->val[0] != '\0')
			result = RESULT_DENIED;
	}
	snprintf(store->name, sizeof(store->name), "%s at %s", database, host);
	PQconninfoFree(options);
	if (result != RESULT_OK)
		sql_fail(store, result, "has a password in its connection string",
			 "it belongs into a file");
	return result;
}

enum result sql_postgres_open(const char *conninfo, const char *password_file, struct store **out)
{
	struct postgres_store *s = calloc(1, sizeof(*s));
	enum result result;

	*out = NULL;
	if (s == NULL)
		return RESULT_MEMORY;
	*out = &s->common;
	s->common.driver = &postgres_driver;
	result = name_make(&s->common, conninfo);
	if (result != RESULT_OK)
		return result;
	s->conninfo = strdup(conninfo);
	if (s->conninfo == NULL)
		return RESULT_MEMORY;
	if (password_file != NULL)
		snprintf(s->password_file, sizeof(s->password_file), "%s", password_file);
	return connection_ensure(s);
}
