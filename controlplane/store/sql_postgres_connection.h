/* A connection to PostgreSQL that is made anew when it is lost, and what its server says of
 * failures. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_POSTGRES_CONNECTION_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_POSTGRES_CONNECTION_H

#include <libpq-fe.h>
#include <time.h>

#include "controlplane/store/sql.h"

/* Told with the commit of every change. */
#define POSTGRES_CHANNEL "sekisho_change"

struct postgres_connection {
	struct store *store; /* whose sentences failures are; borrowed */
	PGconn *own;	     /* NULL: none */
	unsigned number;     /* of `own`: what was prepared on another is not on this one */
	char *conninfo;
	char password_file[1024];
	time_t next_try;
	bool is_silent; /* it was given up: nothing came any more */
	int interrupt;	/* an eventfd: readable when nothing is to be waited for; -1: none */
};

/* Names the store, and connects. Errors of store_open(). */
enum result postgres_connection_open(struct postgres_connection *connection, struct store *store,
				     const char *conninfo,
				     const char *password_file) SEKISHO_MUST_USE;
void postgres_connection_close(struct postgres_connection *connection);

/* store_interrupt(). */
void postgres_connection_interrupt(struct postgres_connection *connection);

/*
 * There is one, made anew if need be, at most once a second. A transaction whose connection is lost
 * is lost as well: only what stands alone may call this. RESULT_IO ...
 */
enum result postgres_connection_ensure(struct postgres_connection *connection) SEKISHO_MUST_USE;

/* Why these rows are none; for RESULT_EXISTS no sentence is left. NULL: blame the connection. */
enum result postgres_connection_failure(struct postgres_connection *connection,
					const PGresult *rows);

/*
 * The next result of what was sent; NULL: there is no more. A server from which nothing comes for
 * so long, hung or behind a way that is cut, is given up: an error is the next result then.
 */
PGresult *postgres_connection_next(struct postgres_connection *connection, int within_ms);

/* The last result of a statement that was sent, unless is_sent is 0. */
PGresult *postgres_connection_answer(struct postgres_connection *connection, int is_sent);

/* Statements without parameters, and without rows that anybody wants. */
enum result postgres_connection_run(struct postgres_connection *connection,
				    const char *text) SEKISHO_MUST_USE;

bool postgres_connection_is_in_transaction(const struct postgres_connection *connection);

/* As struct sql_driver's. */
int postgres_connection_descriptor(const struct postgres_connection *connection);
void postgres_connection_take(struct postgres_connection *connection);

#endif
