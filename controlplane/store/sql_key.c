#include "controlplane/store/sql.h"

#include <string.h>

enum result store_keys_lock(struct store *store)
{
	return sql_transaction(store);
}

enum result store_keys_unlock(struct store *store, enum result result)
{
	return sql_transaction_end(store, result);
}

static enum result key_write(struct store *store, const struct store_key *key)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_KEY_PUT, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, key->purpose);
	sql_bind_integer(statement, 2, key->id);
	sql_bind_integer(statement, 3, (int64_t)key->active_from_s);
	sql_bind_integer(statement, 4, (int64_t)key->expires_s);
	sql_bind_bytes(statement, 5, key->sealed, key->sealed_length);
	result = sql_run(store, statement);
	return result == RESULT_OK ? sql_note(store, STORE_CHANGE_KEY, "") : result;
}

/* Within store_keys_lock() or by itself. */
static bool is_alone(struct store *store)
{
	return !store->driver->is_in_transaction(store);
}

enum result store_key_put(struct store *store, const struct store_key *key)
{
	enum result result;

	if (key->sealed_length == 0 || key->sealed_length > STORE_SEALED_BYTES)
		return RESULT_BAD;
	if (!is_alone(store))
		return key_write(store, key);
	result = sql_transaction(store);
	return result == RESULT_OK ? sql_transaction_end(store, key_write(store, key)) : result;
}

static enum result key_remove(struct store *store, uint8_t purpose, uint8_t id)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_KEY_DELETE, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, purpose);
	sql_bind_integer(statement, 2, id);
	result = sql_change(store, statement);
	return result == RESULT_OK ? sql_note(store, STORE_CHANGE_KEY, "") : result;
}

enum result store_key_delete(struct store *store, uint8_t purpose, uint8_t id)
{
	enum result result;

	if (!is_alone(store))
		return key_remove(store, purpose, id);
	result = sql_transaction(store);
	return result == RESULT_OK ? sql_transaction_end(store, key_remove(store, purpose, id))
				   : result;
}

enum result store_keys_each(struct store *store, store_key_each *each, void *ctx)
{
	struct store_key key;
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_KEYS, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		memset(&key, 0, sizeof(key));
		key.purpose = (uint8_t)sql_column_integer(statement, 0);
		key.id = (uint8_t)sql_column_integer(statement, 1);
		key.active_from_s = (uint64_t)sql_column_integer(statement, 2);
		key.expires_s = (uint64_t)sql_column_integer(statement, 3);
		if (!sql_column_copy_bytes(statement, 4, key.sealed, sizeof(key.sealed),
					      &key.sealed_length))
			result = sql_corrupt(store, "a key is too long");
		if (result != RESULT_OK || !each(ctx, &key)) {
			sql_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
