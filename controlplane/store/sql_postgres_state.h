/* What the files of PostgreSQL's driver share. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_POSTGRES_STATE_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_POSTGRES_STATE_H

#include "controlplane/store/sql_postgres_connection.h"

#define POSTGRES_PARAMETERS_MAX 12

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
	const char *value[POSTGRES_PARAMETERS_MAX];
	int length[POSTGRES_PARAMETERS_MAX], format[POSTGRES_PARAMETERS_MAX];
	char number[POSTGRES_PARAMETERS_MAX][24];
};

struct postgres_store {
	struct store common;
	struct postgres_connection connection;
	uint64_t changed;
	struct postgres_statement statement[SQL_COUNT];
};

static inline struct postgres_store *postgres_store_of(struct store *store)
{
	return (struct postgres_store *)store;
}

/* sql_postgres_statement.c: the driver's. */
void postgres_reset(struct sql_statement *statement);
enum result postgres_begin(struct store *store, enum sql_which which, struct sql_statement **out);
void postgres_bind_text(struct sql_statement *statement, unsigned parameter, const char *text);
void postgres_bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
			 size_t length);
void postgres_bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value);
enum result postgres_step(struct store *store, struct sql_statement *statement);
const void *postgres_bytes(struct sql_statement *statement, unsigned column, size_t *length);
const char *postgres_text(struct sql_statement *statement, unsigned column, size_t *length);
int64_t postgres_integer(struct sql_statement *statement, unsigned column);

#endif
