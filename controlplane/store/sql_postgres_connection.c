#include "controlplane/store/sql_postgres_connection.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/store/sql_password.h"
#include "shared/clock.h"

/* A server that is alive says something within this; longer than it waits for a lock. */
#define ANSWER_WITHIN_MS 10000

/* Its warnings would stand in our log as they are; what matters comes as an error.
 * A statement, or a lock it waits for, may take so long; a dead connection is noticed by then. */
#define CONNECTION_SETTINGS                                                                        \
	"SET statement_timeout = 30000; SET lock_timeout = 5000;"                                  \
	"SET idle_in_transaction_session_timeout = 30000; SET default_transaction_isolation = "    \
	"'read committed'; SET client_min_messages = error; LISTEN " POSTGRES_CHANNEL

static enum result unreachable(struct postgres_connection *c)
{
	if (c->is_silent)
		return sql_fail(c->store, RESULT_IO, "does not answer",
				"nothing came from it for too long");
	return sql_fail(c->store, RESULT_IO, "cannot be reached", PQerrorMessage(c->own));
}

/* A primary that became a standby: another host is to be found. */
static enum result leave(struct postgres_connection *c, const char *words)
{
	enum result result = sql_fail(c->store, RESULT_STALE, "is read-only", words);

	PQfinish(c->own);
	c->own = NULL;
	return result;
}

/* By SQLSTATE: the class is its first two characters. */
enum result postgres_connection_failure(struct postgres_connection *c, const PGresult *rows)
{
	const char *state = rows != NULL ? PQresultErrorField(rows, PG_DIAG_SQLSTATE) : NULL;
	const char *words = rows != NULL ? PQresultErrorField(rows, PG_DIAG_MESSAGE_PRIMARY) : "";

	if (PQstatus(c->own) != CONNECTION_OK || state == NULL)
		return unreachable(c);
	if (strncmp(state, "23", 2) == 0)
		return RESULT_EXISTS;
	if (strcmp(state, "55P03") == 0 || strncmp(state, "40", 2) == 0 ||
	    strcmp(state, "57014") == 0)
		return sql_fail(c->store, RESULT_STALE, "is locked by another program", words);
	if (strcmp(state, "53100") == 0)
		return sql_fail(c->store, RESULT_SPACE, "is full", words);
	if (strncmp(state, "XX", 2) == 0)
		return sql_fail(c->store, RESULT_IO, "is corrupt", words);
	if (strcmp(state, "25006") == 0)
		return leave(c, words);
	return sql_fail(c->store, RESULT_IO, "cannot be used", words);
}

/* Ends the connection: libpq finds it closed, and says so with the next result. */
static void give_up(struct postgres_connection *c)
{
	c->is_silent = true;
	shutdown(PQsocket(c->own), SHUT_RDWR);
}

PGresult *postgres_connection_next(struct postgres_connection *c, int within_ms)
{
	uint64_t until_ms = clock_steady_ms() + (uint64_t)within_ms;

	while (PQisBusy(c->own)) {
		struct pollfd fds[] = {{.fd = PQsocket(c->own), .events = POLLIN},
				       {.fd = c->interrupt, .events = POLLIN}};
		uint64_t now_ms = clock_steady_ms();
		int left_ms = now_ms < until_ms ? (int)(until_ms - now_ms) : 0;

		if (poll(fds, 2, left_ms) == 0 || fds[1].revents != 0)
			give_up(c);
		if (!PQconsumeInput(c->own))
			break;
	}
	return PQgetResult(c->own);
}

PGresult *postgres_connection_answer(struct postgres_connection *c, int is_sent)
{
	PGresult *last = NULL, *next;

	while (is_sent && (next = postgres_connection_next(c, ANSWER_WITHIN_MS)) != NULL) {
		PQclear(last);
		last = next;
	}
	return last;
}

static enum result connect_now(struct postgres_connection *c, const char *password)
{
	const char *const keys[] = {"connect_timeout",
				    "tcp_user_timeout",
				    "application_name",
				    "keepalives_idle",
				    "dbname",
				    "password",
				    NULL};
	const char *const values[] = {"5", "10000", "sekisho", "10", c->conninfo, password, NULL};

	c->number++;
	c->is_silent = false;
	c->own = PQconnectdbParams(keys, values, 1);
	if (c->own == NULL)
		return RESULT_MEMORY;
	if (PQstatus(c->own) != CONNECTION_OK)
		return unreachable(c);
	return postgres_connection_run(c, CONNECTION_SETTINGS);
}

static enum result connect_anew(struct postgres_connection *c)
{
	char password[SQL_PASSWORD_BYTES] = "", why[256];
	enum result result = RESULT_OK;

	PQfinish(c->own);
	c->own = NULL;
	if (c->password_file[0] != '\0')
		result = sql_password_read(c->password_file, password, why, sizeof(why));
	if (result != RESULT_OK)
		return sql_fail(c->store, result, "has a password file that cannot be used", why);
	/* "" is none: libpq then looks into PGPASSFILE */
	result = connect_now(c, password[0] != '\0' ? password : NULL);
	OPENSSL_cleanse(password, sizeof(password));
	return result;
}

enum result postgres_connection_ensure(struct postgres_connection *c)
{
	enum result result;

	if (c->own != NULL && PQstatus(c->own) == CONNECTION_OK)
		return RESULT_OK;
	if (time(NULL) < c->next_try)
		return RESULT_IO;
	result = connect_anew(c);
	if (result != RESULT_OK)
		c->next_try = time(NULL) + 1;
	return result;
}

enum result postgres_connection_run(struct postgres_connection *c, const char *text)
{
	PGresult *rows = postgres_connection_answer(c, PQsendQuery(c->own, text));
	ExecStatusType status = PQresultStatus(rows);
	enum result result = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
				     ? RESULT_OK
				     : postgres_connection_failure(c, rows);

	PQclear(rows);
	return result;
}

bool postgres_connection_is_in_transaction(const struct postgres_connection *c)
{
	PGTransactionStatusType status;

	if (c->own == NULL || PQstatus(c->own) != CONNECTION_OK)
		return false;
	status = PQtransactionStatus(c->own);
	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

int postgres_connection_descriptor(const struct postgres_connection *c)
{
	return c->own == NULL ? -1 : PQsocket(c->own);
}

void postgres_connection_take(struct postgres_connection *c)
{
	PGnotify *notice;

	if (c->own == NULL)
		return;
	/* a connection that was closed by the other side is seen here */
	if (!PQconsumeInput(c->own))
		unreachable(c);
	while ((notice = PQnotifies(c->own)) != NULL)
		PQfreemem(notice);
}

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

enum result postgres_connection_open(struct postgres_connection *c, struct store *store,
				     const char *conninfo, const char *password_file)
{
	enum result result;

	c->store = store;
	c->interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->interrupt < 0)
		return sql_fail(store, RESULT_IO, "cannot be used", strerror(errno));
	result = name_make(store, conninfo);
	if (result != RESULT_OK)
		return result;
	c->conninfo = strdup(conninfo);
	if (c->conninfo == NULL)
		return RESULT_MEMORY;
	if (password_file != NULL)
		snprintf(c->password_file, sizeof(c->password_file), "%s", password_file);
	return postgres_connection_ensure(c);
}

void postgres_connection_interrupt(struct postgres_connection *c)
{
	const uint64_t one = 1;
	ssize_t written = write(c->interrupt, &one, sizeof(one));

	(void)written; /* it is empty: there is room */
}

void postgres_connection_close(struct postgres_connection *c)
{
	PQfinish(c->own);
	if (c->interrupt >= 0)
		close(c->interrupt);
	free(c->conninfo);
}
