#include "controlplane/store/sqlite.h"

#include <string.h>

enum result store_key_put(struct store *store, const struct store_key *key)
{
	sqlite3_stmt *statement;
	enum result result;

	if (key->sealed_length == 0 || key->sealed_length > STORE_SEALED_BYTES)
		return RESULT_BAD;
	result = sqlite_begin(store, SQLITE_STATEMENT_KEY_PUT, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int(statement, 1, key->purpose);
	sqlite3_bind_int(statement, 2, key->id);
	sqlite3_bind_int64(statement, 3, (sqlite3_int64)key->active_from_s);
	sqlite3_bind_int64(statement, 4, (sqlite3_int64)key->expires_s);
	sqlite_bind_bytes(statement, 5, key->sealed, key->sealed_length);
	return sqlite_run(store, statement);
}

enum result store_key_delete(struct store *store, uint8_t purpose, uint8_t id)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_KEY_DELETE, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int(statement, 1, purpose);
	sqlite3_bind_int(statement, 2, id);
	return sqlite_change(store, statement);
}

enum result store_keys_each(struct store *store, store_key_each *each, void *ctx)
{
	struct store_key key;
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_KEYS, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		memset(&key, 0, sizeof(key));
		key.purpose = (uint8_t)sqlite3_column_int(statement, 0);
		key.id = (uint8_t)sqlite3_column_int(statement, 1);
		key.active_from_s = (uint64_t)sqlite3_column_int64(statement, 2);
		key.expires_s = (uint64_t)sqlite3_column_int64(statement, 3);
		if (!sqlite_column_copy_bytes(statement, 4, key.sealed, sizeof(key.sealed),
					      &key.sealed_length))
			result = sqlite_corrupt(store, "a key is too long");
		if (result != RESULT_OK || !each(ctx, &key)) {
			sqlite3_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
