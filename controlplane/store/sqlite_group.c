#include "controlplane/store/sqlite.h"

#include <string.h>

static enum result group_find(struct store *store, const char *name, sqlite3_int64 *id)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_GROUP_FIND, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, name);
	result = sqlite_step(store, statement);
	if (result == RESULT_OK) {
		*id = sqlite3_column_int64(statement, 0);
		sqlite3_reset(statement);
	}
	return result;
}

enum result sqlite_group_ensure(struct store *store, const char *name, sqlite3_int64 *id)
{
	sqlite3_stmt *statement;
	enum result result = group_find(store, name, id);

	if (result != RESULT_NOT_FOUND)
		return result;
	result = sqlite_begin(store, SQLITE_STATEMENT_GROUP_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, name);
	result = sqlite_run(store, statement);
	if (result == RESULT_OK)
		*id = sqlite3_last_insert_rowid(store->db);
	return result;
}

static enum result member_insert(struct store *store, const char *group, const char *aor)
{
	struct store_identity identity;
	sqlite3_stmt *statement;
	sqlite3_int64 id;
	enum result result = store_identity_find(store, aor, &identity);

	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	result = sqlite_group_ensure(store, group, &id);
	if (result != RESULT_OK)
		return result;
	for (unsigned i = 0; i < identity.group_count; i++)
		if (identity.group[i] == (uint32_t)id)
			return RESULT_EXISTS;
	if (identity.group_count == LIMIT_IDENTITY_GROUPS)
		return RESULT_BAD;
	result = sqlite_begin(store, SQLITE_STATEMENT_MEMBER_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int64(statement, 1, id);
	sqlite_bind_text(statement, 2, aor);
	return sqlite_run(store, statement);
}

enum result store_group_add(struct store *store, const char *group, const char *aor)
{
	enum result result;

	if (group[0] == '\0' || strlen(group) > STORE_GROUP_NAME_BYTES || aor[0] == '\0' ||
	    strlen(aor) > LIMIT_AOR_BYTES)
		return RESULT_BAD;
	result = sqlite_transaction(store);
	if (result != RESULT_OK)
		return result;
	return sqlite_transaction_end(store, member_insert(store, group, aor));
}

enum result store_group_remove(struct store *store, const char *group, const char *aor)
{
	sqlite3_stmt *statement;
	sqlite3_int64 id;
	enum result result = group_find(store, group, &id);

	if (result != RESULT_OK)
		return result;
	result = sqlite_begin(store, SQLITE_STATEMENT_MEMBER_DELETE, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int64(statement, 1, id);
	sqlite_bind_text(statement, 2, aor);
	return sqlite_change(store, statement);
}

enum result store_members_each(struct store *store, store_member_each *each, void *ctx)
{
	struct store_group group;
	char aor[LIMIT_AOR_BYTES + 1];
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_MEMBERS, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		group.id = (uint32_t)sqlite3_column_int64(statement, 0);
		if (!sqlite_column_copy_text(statement, 1, group.name, sizeof(group.name)) ||
		    !sqlite_column_copy_text(statement, 2, aor, sizeof(aor)))
			result = sqlite_corrupt(store, "a group's member is too long");
		if (result != RESULT_OK || !each(ctx, &group, aor)) {
			sqlite3_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
