#include "controlplane/store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION 1

/*
 * %S a number given by the data base, %I an integer, %T a text ordered by its bytes, %B bytes, %E
 * the end of a table that has its rows in its key. 4 in the statements about rules is
 * POLICY_MATCH_GROUP.
 */
static const char schema[] =
	"CREATE TABLE meta(version %I NOT NULL, revision %I NOT NULL);"
	"INSERT INTO meta VALUES(1, 1);"
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

static const char *word_of(const struct sql_words *words, char letter)
{
	switch (letter) {
	case 'S':
		return words->serial;
	case 'I':
		return words->integer;
	case 'T':
		return words->text;
	case 'B':
		return words->bytes;
	default:
		return words->row_end;
	}
}

/* The schema in the dialect's words; malloced, NULL when there is no memory. */
static char *schema_write(const struct sql_words *words)
{
	size_t size = 4 * sizeof(schema), length = 0;
	char *text = malloc(size);

	for (const char *at = schema; text != NULL && *at != '\0'; at++) {
		const char letter[] = {*at, '\0'};
		const char *piece = *at == '%' ? word_of(words, *++at) : letter;
		size_t piece_length = strlen(piece);

		if (length + piece_length >= size) {
			free(text);
			return NULL;
		}
		memcpy(text + length, piece, piece_length);
		length += piece_length;
	}
	if (text != NULL)
		text[length] = '\0';
	return text;
}

static enum result schema_make(struct store *store)
{
	char *text = schema_write(&store->driver->words);
	enum result result = text == NULL ? RESULT_MEMORY : store->driver->script(store, text);

	free(text);
	return result;
}

enum result sql_schema_ensure(struct store *store)
{
	int version = 0;
	enum result result = store->driver->schema_lock(store, &version);

	if (result != RESULT_OK)
		return result;
	if (version == 0)
		return sql_transaction_end(store, schema_make(store));
	result = sql_transaction_end(store, RESULT_OK);
	if (result != RESULT_OK || version == SCHEMA_VERSION)
		return result;
	snprintf(store->message, sizeof(store->message),
		 "the data base %s has version %d, this program knows %d", store->name, version,
		 SCHEMA_VERSION);
	return RESULT_VERSION;
}
