#include "controlplane/store/sqlite.h"

#include <stdio.h>

#define SCHEMA_VERSION 1

/* 4 in the checks and joins of rules is POLICY_MATCH_GROUP. */
static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE subscriber("
	" id TEXT PRIMARY KEY NOT NULL,"
	" salt BLOB NOT NULL,"
	" iterations INTEGER NOT NULL,"
	" stored_key BLOB NOT NULL CHECK(length(stored_key) = 32),"
	" server_key BLOB NOT NULL CHECK(length(server_key) = 32),"
	" is_enabled INTEGER NOT NULL,"
	" is_by_certificate INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
	"CREATE TABLE identity("
	" aor TEXT PRIMARY KEY NOT NULL,"
	" subscriber TEXT NOT NULL REFERENCES subscriber(id) ON DELETE CASCADE,"
	" place INTEGER NOT NULL,"
	" must_be_secure INTEGER NOT NULL DEFAULT 1,"
	" minimum_level INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
	"CREATE INDEX identity_subscriber ON identity(subscriber, place);"
	"CREATE TABLE grp("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT UNIQUE NOT NULL);"
	"CREATE TABLE member("
	" grp INTEGER NOT NULL REFERENCES grp(id),"
	" aor TEXT NOT NULL,"
	" PRIMARY KEY(aor, grp)) WITHOUT ROWID;"
	"CREATE TABLE rule("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" priority INTEGER NOT NULL,"
	" action INTEGER NOT NULL CHECK(action IN (1, 2)),"
	" minimum_level INTEGER NOT NULL CHECK(minimum_level BETWEEN 0 AND 3),"
	" methods TEXT NOT NULL,"
	" caller_match INTEGER NOT NULL CHECK(caller_match BETWEEN 1 AND 4),"
	" caller_text TEXT NOT NULL,"
	" callee_match INTEGER NOT NULL CHECK(callee_match BETWEEN 1 AND 4),"
	" callee_text TEXT NOT NULL);"
	"CREATE TABLE policy(generation INTEGER NOT NULL);"
	"INSERT INTO policy VALUES(1);"
	"CREATE TABLE key("
	" purpose INTEGER NOT NULL,"
	" id INTEGER NOT NULL,"
	" active_from_s INTEGER NOT NULL,"
	" expires_s INTEGER NOT NULL,"
	" sealed BLOB NOT NULL,"
	" PRIMARY KEY(purpose, id)) WITHOUT ROWID;"
	"PRAGMA user_version = 1;"
	"COMMIT;";

static enum result schema_version(struct store *store, int *version)
{
	sqlite3_stmt *statement;
	enum result result;

	if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK)
		return sqlite_corrupt(store, sqlite3_errmsg(store->db));
	result = sqlite_step(store, statement);
	if (result == RESULT_OK)
		*version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return result;
}

enum result sqlite_schema_ensure(struct store *store)
{
	int version = 0;
	enum result result = schema_version(store, &version);

	if (result != RESULT_OK)
		return result;
	if (version == SCHEMA_VERSION)
		return RESULT_OK;
	if (version != 0) {
		snprintf(store->message, sizeof(store->message),
			 "the data base %s has version %d, this program knows %d", store->path,
			 version, SCHEMA_VERSION);
		return RESULT_VERSION;
	}
	if (sqlite3_exec(store->db, schema, NULL, NULL, NULL) == SQLITE_OK)
		return RESULT_OK;
	result = sqlite3_errcode(store->db) == SQLITE_FULL ? RESULT_SPACE : RESULT_IO;
	snprintf(store->message, sizeof(store->message), "the data base %s cannot be made: %s",
		 store->path, sqlite3_errmsg(store->db));
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}
