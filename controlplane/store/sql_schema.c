#include "controlplane/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * %S a number given by the data base, %I an integer, %T a text ordered by its bytes, %B bytes, %Z 32
 * bytes that are zero, %E the end of a table that has its rows in its key. 4 in the statements about
 * rules is POLICY_MATCH_GROUP. Whoever changes this makes a new version (sql_migrate.c).
 */
static const char schema[] =
	"CREATE TABLE meta(version %I NOT NULL, revision %I NOT NULL);"
	"INSERT INTO meta VALUES(2, 1);"
	"CREATE TABLE change("
	" kind %I NOT NULL,"
	" name %T NOT NULL,"
	" revision %I NOT NULL,"
	" PRIMARY KEY(kind, name))%E;"
	"CREATE INDEX change_revision ON change(revision);"
	"CREATE TABLE subscriber("
	" id %T PRIMARY KEY NOT NULL,"
	" salt %B NOT NULL,"
	" iterations %I NOT NULL,"
	" stored_key %B NOT NULL CHECK(length(stored_key) = 32),"
	" server_key %B NOT NULL CHECK(length(server_key) = 32),"
	" is_enabled %I NOT NULL,"
	" is_by_certificate %I NOT NULL DEFAULT 0,"
	" is_legacy %I NOT NULL DEFAULT 0,"
	" digest %B NOT NULL CHECK(length(digest) = 32))%E;"
	"CREATE TABLE identity("
	" aor %T PRIMARY KEY NOT NULL,"
	" subscriber %T NOT NULL REFERENCES subscriber(id) ON DELETE CASCADE,"
	" place %I NOT NULL,"
	" must_be_secure %I NOT NULL DEFAULT 1,"
	" minimum_level %I NOT NULL DEFAULT 0)%E;"
	"CREATE INDEX identity_subscriber ON identity(subscriber, place);"
	"CREATE TABLE grp("
	" id %S,"
	" name %T UNIQUE NOT NULL);"
	"CREATE TABLE member("
	" grp %I NOT NULL REFERENCES grp(id),"
	" aor %T NOT NULL,"
	" PRIMARY KEY(aor, grp))%E;"
	"CREATE TABLE rule("
	" id %S,"
	" priority %I NOT NULL,"
	" action %I NOT NULL CHECK(action BETWEEN 1 AND 3),"
	" minimum_level %I NOT NULL CHECK(minimum_level BETWEEN 0 AND 3),"
	" methods %T NOT NULL,"
	" caller_match %I NOT NULL CHECK(caller_match BETWEEN 1 AND 5),"
	" caller_text %T NOT NULL,"
	" callee_match %I NOT NULL CHECK(callee_match BETWEEN 1 AND 5),"
	" callee_text %T NOT NULL,"
	" hours %T NOT NULL DEFAULT '',"
	" rate %T NOT NULL DEFAULT '');"
	"CREATE TABLE policy(generation %I NOT NULL);"
	"INSERT INTO policy VALUES(1);"
	"CREATE TABLE key("
	" purpose %I NOT NULL,"
	" id %I NOT NULL,"
	" active_from_s %I NOT NULL,"
	" expires_s %I NOT NULL,"
	" sealed %B NOT NULL,"
	" PRIMARY KEY(purpose, id))%E;"
	"CREATE TABLE location("
	" aor %T NOT NULL,"
	" gateway %I NOT NULL,"
	" q %I NOT NULL,"
	" since_s %I NOT NULL,"
	" revision %I NOT NULL,"
	" PRIMARY KEY(aor, gateway))%E;"
	"CREATE INDEX location_revision ON location(revision);";

_Static_assert(SQL_SCHEMA_VERSION == 2, "the tables above say which version they are");

#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"

/* In one or two pieces. */
struct words {
	const char *first, *second;
};

static struct words words_of(const struct sql_words *words, char letter)
{
	switch (letter) {
	case 'S':
		return (struct words){words->serial, ""};
	case 'I':
		return (struct words){words->integer, ""};
	case 'T':
		return (struct words){words->text, ""};
	case 'B':
		return (struct words){words->bytes, ""};
	case 'Z':
		return (struct words){words->bytes_begin, ZEROS_32 "'"};
	default:
		return (struct words){words->row_end, ""};
	}
}

/* A script in the dialect's words; malloced, NULL when there is no memory. */
static char *script_write(const struct sql_words *words, const char *script)
{
	size_t length = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);
	bool is_whole;

	if (out == NULL)
		return NULL;
	for (const char *at = script; *at != '\0'; at++) {
		struct words pieces;

		if (*at != '%') {
			fputc(*at, out);
			continue;
		}
		pieces = words_of(words, *++at);
		fputs(pieces.first, out);
		fputs(pieces.second, out);
	}
	is_whole = ferror(out) == 0;
	if (fclose(out) == 0 && is_whole)
		return text;
	free(text);
	return NULL;
}

enum result sql_schema_script(struct store *store, const char *script)
{
	char *text = script_write(&store->driver->words, script);
	enum result result = text == NULL ? RESULT_MEMORY : store->driver->script(store, text);

	free(text);
	return result;
}

/* 0: there is none yet. */
static enum result version_read(struct store *store, int64_t *version)
{
	char question[128];
	int64_t is_there = 0;
	enum result result;

	*version = 0;
	snprintf(question, sizeof(question), store->driver->has_table, "meta");
	result = store->driver->number(store, question, &is_there);
	if (result != RESULT_OK || is_there == 0)
		return result;
	result = store->driver->number(store, "SELECT version FROM meta", version);
	return result == RESULT_NOT_FOUND ? sql_corrupt(store, "its version is missing") : result;
}

static enum result refuse(struct store *store, int64_t version)
{
	snprintf(store->message, sizeof(store->message),
		 "the data base %s has version %lld, this program knows %d: it is a newer "
		 "program's; run that one, or go back to a backup from before it",
		 store->name, (long long)version, SQL_SCHEMA_VERSION);
	return RESULT_VERSION;
}

/* Under the lock: whoever comes second finds it done. */
static enum result schema_settle(struct store *store)
{
	int64_t version;
	enum result result = store->driver->schema_lock != NULL
				     ? store->driver->script(store, store->driver->schema_lock)
				     : RESULT_OK;

	if (result == RESULT_OK)
		result = version_read(store, &version);
	if (result != RESULT_OK)
		return result;
	if (version == 0)
		return sql_schema_script(store, schema);
	if (version > SQL_SCHEMA_VERSION)
		return refuse(store, version);
	return sql_migrate(store, (int)version);
}

enum result sql_schema_ensure(struct store *store)
{
	enum result result = store->driver->transaction(store);

	return result == RESULT_OK ? sql_transaction_end(store, schema_settle(store)) : result;
}
