#include "controlplane/store/sql.h"

#include <string.h>

static enum result group_find(struct store *store, const char *name, int64_t *id)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_GROUP_FIND, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, name);
	result = sql_step(store, statement);
	if (result == RESULT_OK) {
		*id = sql_column_integer(statement, 0);
		sql_reset(statement);
	}
	return result;
}

enum result sql_group_ensure(struct store *store, const char *name, int64_t *id)
{
	struct sql_statement *statement;
	enum result result = group_find(store, name, id);

	if (result != RESULT_NOT_FOUND)
		return result;
	result = sql_begin(store, SQL_GROUP_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, name);
	return sql_run_for_integer(store, statement, id);
}

static enum result member_insert(struct store *store, const char *group, const char *aor)
{
	struct store_identity identity;
	struct sql_statement *statement;
	int64_t id;
	enum result result = store_identity_find(store, aor, &identity);

	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	result = sql_group_ensure(store, group, &id);
	if (result != RESULT_OK)
		return result;
	for (unsigned i = 0; i < identity.group_count; i++)
		if (identity.group[i] == (uint32_t)id)
			return RESULT_EXISTS;
	if (identity.group_count == LIMIT_IDENTITY_GROUPS)
		return RESULT_BAD;
	result = sql_begin(store, SQL_MEMBER_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, id);
	sql_bind_text(statement, 2, aor);
	result = sql_run(store, statement);
	return result == RESULT_OK ? sql_note(store, STORE_CHANGE_IDENTITY, aor) : result;
}

enum result store_group_add(struct store *store, const char *group, const char *aor)
{
	enum result result;

	if (group[0] == '\0' || strlen(group) > STORE_GROUP_NAME_BYTES || aor[0] == '\0' ||
	    strlen(aor) > LIMIT_AOR_BYTES)
		return RESULT_BAD;
	result = sql_transaction(store);
	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, member_insert(store, group, aor));
}

static enum result member_remove(struct store *store, const char *group, const char *aor)
{
	struct sql_statement *statement;
	int64_t id;
	enum result result = group_find(store, group, &id);

	if (result != RESULT_OK)
		return result;
	result = sql_begin(store, SQL_MEMBER_DELETE, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, id);
	sql_bind_text(statement, 2, aor);
	result = sql_change(store, statement);
	return result == RESULT_OK ? sql_note(store, STORE_CHANGE_IDENTITY, aor) : result;
}

enum result store_group_remove(struct store *store, const char *group, const char *aor)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, member_remove(store, group, aor));
}

enum result store_members_each(struct store *store, store_member_each *each, void *ctx)
{
	struct store_group group;
	char aor[LIMIT_AOR_BYTES + 1];
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_MEMBERS, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		group.id = (uint32_t)sql_column_integer(statement, 0);
		if (!sql_column_copy_text(statement, 1, group.name, sizeof(group.name)) ||
		    !sql_column_copy_text(statement, 2, aor, sizeof(aor)))
			result = sql_corrupt(store, "a group's member is too long");
		if (result != RESULT_OK || !each(ctx, &group, aor)) {
			sql_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
