/* Who changed what, for those who follow the store. */
#include <string.h>

#include "controlplane/store/sql.h"

enum result store_revision(struct store *store, uint64_t *revision)
{
	struct sql_statement *statement;
	int64_t value;
	enum result result = sql_stand(store);

	if (result == RESULT_OK)
		result = sql_begin(store, SQL_REVISION, &statement);
	if (result == RESULT_OK)
		result = sql_run_for_integer(store, statement, &value);
	if (result == RESULT_OK)
		*revision = (uint64_t)value;
	return result;
}

enum result sql_note(struct store *store, enum store_change_kind kind, const char *name)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_CHANGE_NOTE, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, (int64_t)kind);
	sql_bind_text(statement, 2, name);
	sql_bind_integer(statement, 3, (int64_t)store->revision);
	return sql_run(store, statement);
}

enum result store_changes_each(struct store *store, uint64_t after, store_change_each *each,
			       void *ctx)
{
	char name[LIMIT_AOR_BYTES + 1];
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_CHANGES, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, (int64_t)after);
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		int64_t kind = sql_column_integer(statement, 0);

		if (!sql_column_copy_text(statement, 1, name, sizeof(name)))
			result = sql_corrupt(store, "the name of a change is too long");
		if (result != RESULT_OK || !each(ctx, (enum store_change_kind)kind, name)) {
			sql_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_probe(struct store *store)
{
	enum result result = sql_transaction(store);

	return result == RESULT_OK ? sql_transaction_end(store, RESULT_OK) : result;
}
