#include "controlplane/store/sql.h"

#include <string.h>

static enum result groups_read(struct store *store, struct store_identity *identity)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_GROUPS_OF, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, identity->aor);
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		if (identity->group_count == LIMIT_IDENTITY_GROUPS) {
			sql_reset(statement);
			return sql_corrupt(store, "an identity is in too many groups");
		}
		identity->group[identity->group_count++] =
			(uint32_t)sql_column_integer(statement, 0);
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_identity_find(struct store *store, const char *aor,
				struct store_identity *identity)
{
	struct store_identity found = {0};
	struct sql_statement *statement;
	enum result result;

	if (strlen(aor) >= sizeof(found.aor))
		return RESULT_BAD;
	strcpy(found.aor, aor);
	result = sql_begin(store, SQL_IDENTITY_FIND, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, found.aor);
	result = sql_step(store, statement);
	if (result == RESULT_OK) {
		found.is_subscribers = true;
		found.must_be_secure = sql_column_integer(statement, 0) != 0;
		found.minimum_level = (uint8_t)(sql_column_integer(statement, 1) & 3);
		sql_reset(statement);
	} else if (result != RESULT_NOT_FOUND) {
		return result;
	}
	result = groups_read(store, &found);
	if (result != RESULT_OK)
		return result;
	*identity = found;
	return found.is_subscribers || found.group_count > 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

/* A row is one group of an identity, or an identity without any. */
static enum result row_take(struct store *store, struct sql_statement *statement,
			    struct store_identity *identity)
{
	int64_t group = sql_column_integer(statement, 4); /* 0: none, they begin at 1 */

	identity->is_subscribers = sql_column_integer(statement, 1) != 0;
	identity->must_be_secure = sql_column_integer(statement, 2) != 0;
	identity->minimum_level = (uint8_t)(sql_column_integer(statement, 3) & 3);
	if (group == 0)
		return RESULT_OK;
	if (identity->group_count == LIMIT_IDENTITY_GROUPS)
		return sql_corrupt(store, "an identity is in too many groups");
	identity->group[identity->group_count++] = (uint32_t)group;
	return RESULT_OK;
}

static enum result rows_walk(struct store *store, struct sql_statement *statement,
			     struct store_identity *identity, store_identity_each *each, void *ctx,
			     bool *is_wanted)
{
	char aor[LIMIT_AOR_BYTES + 1];
	enum result result;

	while (*is_wanted && (result = sql_step(store, statement)) == RESULT_OK) {
		if (!sql_column_copy_text(statement, 0, aor, sizeof(aor)))
			return sql_corrupt(store, "an identity is too long");
		if (strcmp(aor, identity->aor) != 0) {
			if (identity->aor[0] != '\0')
				*is_wanted = each(ctx, identity);
			*identity = (struct store_identity){0};
			strcpy(identity->aor, aor);
		}
		result = row_take(store, statement, identity);
		if (result != RESULT_OK)
			return result;
	}
	return *is_wanted ? result : RESULT_OK;
}

enum result store_identities_each(struct store *store, store_identity_each *each, void *ctx)
{
	struct store_identity identity = {0};
	struct sql_statement *statement;
	bool is_wanted = true;
	enum result result = sql_begin(store, SQL_IDENTITIES, &statement);

	if (result != RESULT_OK)
		return result;
	result = rows_walk(store, statement, &identity, each, ctx, &is_wanted);
	if (result == RESULT_NOT_FOUND && identity.aor[0] != '\0')
		each(ctx, &identity);
	sql_reset(statement);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
