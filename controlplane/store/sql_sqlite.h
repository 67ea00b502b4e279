/* For tests of what SQLite does when it is full: the connection behind a store of that driver. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_H

#include <sqlite3.h>

struct store;

sqlite3 *sql_sqlite_handle(struct store *store);

#endif
