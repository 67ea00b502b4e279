/*
 * From the tables of older programs to those of this one, step by step, in the transaction of
 * sql_schema_ensure(): either all of it is there afterwards or nothing.
 */
#include <stdio.h>

#include "controlplane/store/sql.h"

/*
 * To which version, and how. Version 1 grew before it had a number of its own for each form: there a
 * step is left out where its column is there.
 */
struct step {
	int version;
	const char *table, *column;	  /* NULL: always */
	const char *script[SQL_DIALECTS]; /* in the words of sql_schema.c */
};

#define ALIKE(text)                                                                                \
	{                                                                                          \
		[SQL_SQLITE] = (text), [SQL_POSTGRES] = (text)                                     \
	}

static const struct step steps[] = {
	{2, "subscriber", "digest",
	 ALIKE("ALTER TABLE subscriber ADD COLUMN digest %B NOT NULL DEFAULT %Z"
	       " CHECK(length(digest) = 32)")},
	{2, "subscriber", "is_legacy",
	 ALIKE("ALTER TABLE subscriber ADD COLUMN is_legacy %I NOT NULL DEFAULT 0")},
	/* SQLite cannot change what a column is checked for: the table is made anew */
	{2, "rule", "hours",
	 {[SQL_SQLITE] =
		  "CREATE TABLE rule_2("
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
		  "INSERT INTO rule_2(id, priority, action, minimum_level, methods, caller_match,"
		  " caller_text, callee_match, callee_text)"
		  " SELECT id, priority, action, minimum_level, methods, caller_match, caller_text,"
		  " callee_match, callee_text FROM rule;"
		  /* ids of rules that are gone are not given again */
		  "INSERT INTO sqlite_sequence(name, seq) SELECT 'rule_2', 0 WHERE NOT EXISTS"
		  "(SELECT 1 FROM sqlite_sequence WHERE name = 'rule_2');"
		  "UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence"
		  " WHERE name = 'rule'), 0) WHERE name = 'rule_2';"
		  "DROP TABLE rule;"
		  "ALTER TABLE rule_2 RENAME TO rule",
	  [SQL_POSTGRES] =
		  "ALTER TABLE rule ADD COLUMN hours %T NOT NULL DEFAULT '',"
		  " ADD COLUMN rate %T NOT NULL DEFAULT '',"
		  " DROP CONSTRAINT rule_action_check,"
		  " ADD CONSTRAINT rule_action_check CHECK(action BETWEEN 1 AND 3),"
		  " DROP CONSTRAINT rule_caller_match_check,"
		  " ADD CONSTRAINT rule_caller_match_check CHECK(caller_match BETWEEN 1 AND 5),"
		  " DROP CONSTRAINT rule_callee_match_check,"
		  " ADD CONSTRAINT rule_callee_match_check CHECK(callee_match BETWEEN 1 AND 5)"}},
};

static enum result is_needed(struct store *store, const struct step *step, bool *is)
{
	char question[256];
	int64_t is_there = 0;
	enum result result = RESULT_OK;

	if (step->column != NULL) {
		snprintf(question, sizeof(question), store->driver->has_column, step->table,
			 step->column);
		result = store->driver->number(store, question, &is_there);
	}
	*is = is_there == 0;
	return result;
}

static enum result step_take(struct store *store, const struct step *step)
{
	bool is;
	enum result result = is_needed(store, step, &is);

	if (result == RESULT_OK && is)
		result = sql_schema_script(store, step->script[store->driver->dialect]);
	return result;
}

static enum result version_write(struct store *store)
{
	char script[64];

	snprintf(script, sizeof(script), "UPDATE meta SET version = %d", SQL_SCHEMA_VERSION);
	return store->driver->script(store, script);
}

enum result sql_migrate(struct store *store, int version)
{
	enum result result = RESULT_OK;

	if (version == SQL_SCHEMA_VERSION)
		return RESULT_OK;
	for (size_t i = 0; result == RESULT_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (version < steps[i].version)
			result = step_take(store, &steps[i]);
	if (result == RESULT_OK)
		result = version_write(store);
	if (result == RESULT_OK)
		store->version_before = version;
	return result;
}
