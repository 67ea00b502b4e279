/* What the files of SQLite's driver share. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_STATE_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_STATE_H

#include <sqlite3.h>

#include "controlplane/store/sql.h"
#include "controlplane/store/sql_sqlite_file.h"

struct sqlite_statement {
	struct sql_statement common;
	sqlite3_stmt *own;
};

struct sqlite_store {
	struct store common;
	sqlite3 *db; /* NULL: it is to be opened anew */
	struct sqlite_file file;
	bool is_gone; /* as was said */
	struct sqlite_statement statement[SQL_COUNT];
	sqlite3_stmt *begin;
};

static inline struct sqlite_store *sqlite_store_of(struct store *store)
{
	return (struct sqlite_store *)store;
}

extern const struct sql_driver sqlite_driver;

/* sql_sqlite.c: what SQLite says, as a result, with a sentence for the operator if the store is to
 * blame; statements, as the driver's. */
enum result sqlite_failure(struct store *store);
enum result sqlite_script(struct store *store, const char *text);

/* sql_sqlite_open.c: the driver's. */
void sqlite_close(struct store *store);
enum result sqlite_stand(struct store *store);

#endif
