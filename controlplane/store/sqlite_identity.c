#include "controlplane/store/sqlite.h"

#include <string.h>

static enum result groups_read(struct store *store, struct store_identity *identity)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_GROUPS_OF, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, identity->aor);
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		if (identity->group_count == LIMIT_IDENTITY_GROUPS) {
			sqlite3_reset(statement);
			return sqlite_corrupt(store, "an identity is in too many groups");
		}
		identity->group[identity->group_count++] =
			(uint32_t)sqlite3_column_int64(statement, 0);
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_identity_find(struct store *store, const char *aor,
				struct store_identity *identity)
{
	struct store_identity found = {0};
	sqlite3_stmt *statement;
	enum result result;

	if (strlen(aor) >= sizeof(found.aor))
		return RESULT_BAD;
	strcpy(found.aor, aor);
	result = sqlite_begin(store, SQLITE_STATEMENT_IDENTITY_FIND, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, found.aor);
	result = sqlite_step(store, statement);
	if (result == RESULT_OK) {
		found.is_subscribers = true;
		found.must_be_secure = sqlite3_column_int(statement, 0) != 0;
		found.minimum_level = (uint8_t)(sqlite3_column_int(statement, 1) & 3);
		sqlite3_reset(statement);
	} else if (result != RESULT_NOT_FOUND) {
		return result;
	}
	result = groups_read(store, &found);
	if (result != RESULT_OK)
		return result;
	*identity = found;
	return found.is_subscribers || found.group_count > 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

enum result store_identities_each(struct store *store, store_identity_each *each, void *ctx)
{
	struct store_identity identity;
	char aor[LIMIT_AOR_BYTES + 1];
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_IDENTITIES, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		if (sqlite_column_copy_text(statement, 0, aor, sizeof(aor)))
			result = store_identity_find(store, aor, &identity);
		else
			result = sqlite_corrupt(store, "an identity is too long");
		if (result != RESULT_OK || !each(ctx, &identity)) {
			sqlite3_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
