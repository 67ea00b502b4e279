#include "controlplane/store/sqlite.h"

#include <openssl/crypto.h>
#include <string.h>

static void verifier_bind(sqlite3_stmt *statement, const struct scram_verifier *verifier)
{
	sqlite_bind_bytes(statement, 2, verifier->salt, verifier->salt_len);
	sqlite3_bind_int64(statement, 3, verifier->iterations);
	sqlite_bind_bytes(statement, 4, verifier->stored_key.bytes, SECRET_BYTES);
	sqlite_bind_bytes(statement, 5, verifier->server_key.bytes, SECRET_BYTES);
}

static bool verifier_read(sqlite3_stmt *statement, struct scram_verifier *verifier)
{
	sqlite3_int64 iterations = sqlite3_column_int64(statement, 1);
	size_t salt, stored, server;

	if (!sqlite_column_copy_bytes(statement, 0, verifier->salt, SCRAM_SALT_BYTES, &salt) ||
	    !sqlite_column_copy_bytes(statement, 2, verifier->stored_key.bytes, SECRET_BYTES,
				      &stored) ||
	    !sqlite_column_copy_bytes(statement, 3, verifier->server_key.bytes, SECRET_BYTES,
				      &server))
		return false;
	if (salt == 0 || stored != SECRET_BYTES || server != SECRET_BYTES ||
	    iterations < LIMIT_SCRAM_ITERATIONS_MIN || iterations > LIMIT_SCRAM_ITERATIONS_MAX)
		return false;
	verifier->salt_len = (uint8_t)salt;
	verifier->iterations = (uint32_t)iterations;
	return true;
}

static enum result identities_add(struct store *store, const struct store_subscriber *subscriber)
{
	enum result result = RESULT_OK;

	for (unsigned i = 0; result == RESULT_OK && i < subscriber->identity_count; i++) {
		sqlite3_stmt *statement;

		result = sqlite_begin(store, SQLITE_STATEMENT_IDENTITY_ADD, &statement);
		if (result != RESULT_OK)
			break;
		sqlite_bind_text(statement, 1, subscriber->identity[i]);
		sqlite_bind_text(statement, 2, subscriber->id);
		sqlite3_bind_int64(statement, 3, i);
		result = sqlite_run(store, statement);
	}
	return result;
}

static enum result subscriber_insert(struct store *store, const struct store_subscriber *subscriber)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBER_ADD, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, subscriber->id);
	verifier_bind(statement, &subscriber->verifier);
	sqlite3_bind_int(statement, 6, subscriber->is_enabled);
	sqlite3_bind_int(statement, 7, subscriber->is_by_certificate);
	result = sqlite_run(store, statement);
	sqlite3_clear_bindings(statement);
	return result == RESULT_OK ? identities_add(store, subscriber) : result;
}

enum result store_subscriber_add(struct store *store, const struct store_subscriber *subscriber)
{
	enum result result;

	if (subscriber->id[0] == '\0' || subscriber->identity_count == 0 ||
	    subscriber->identity_count > LIMIT_BINDING_IDENTITIES)
		return RESULT_BAD;
	result = sqlite_transaction(store);
	if (result != RESULT_OK)
		return result;
	return sqlite_transaction_end(store, subscriber_insert(store, subscriber));
}

/* Fills in the identities of subscriber->id. */
static enum result identities_read(struct store *store, struct store_subscriber *subscriber)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_IDENTITIES_OF, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, subscriber->id);
	subscriber->identity_count = 0;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		uint8_t count = subscriber->identity_count;

		if (count == LIMIT_BINDING_IDENTITIES ||
		    !sqlite_column_copy_text(statement, 0, subscriber->identity[count],
					     sizeof(subscriber->identity[count]))) {
			sqlite3_reset(statement);
			return sqlite_corrupt(store, "an identity is too long or one too many");
		}
		subscriber->identity_count++;
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_subscriber_find(struct store *store, const char *id,
				  struct store_subscriber *subscriber)
{
	struct store_subscriber found = {0};
	sqlite3_stmt *statement;
	bool is_sound;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBER_FIND, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, id);
	result = sqlite_step(store, statement);
	if (result != RESULT_OK)
		return result;
	is_sound = verifier_read(statement, &found.verifier) && strlen(id) < sizeof(found.id);
	found.is_enabled = sqlite3_column_int(statement, 4) != 0;
	found.is_by_certificate = sqlite3_column_int(statement, 5) != 0;
	sqlite3_reset(statement);
	if (!is_sound)
		return sqlite_corrupt(store, "a subscriber's verifier is malformed");
	strcpy(found.id, id);
	result = identities_read(store, &found);
	if (result == RESULT_OK)
		*subscriber = found;
	OPENSSL_cleanse(&found.verifier, sizeof(found.verifier));
	return result;
}

enum result store_subscriber_verifier_set(struct store *store, const char *id,
					  const struct scram_verifier *verifier)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBER_VERIFIER, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, id);
	verifier_bind(statement, verifier);
	result = sqlite_change(store, statement);
	sqlite3_clear_bindings(statement);
	return result;
}

enum result store_subscriber_enable(struct store *store, const char *id, bool is_enabled)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBER_ENABLE, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, id);
	sqlite3_bind_int(statement, 2, is_enabled);
	return sqlite_change(store, statement);
}

enum result store_subscriber_delete(struct store *store, const char *id)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBER_DELETE, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite_bind_text(statement, 1, id);
	return sqlite_change(store, statement);
}

enum result store_subscribers_each(struct store *store, store_subscriber_each *each, void *ctx)
{
	struct store_subscriber subscriber;
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_SUBSCRIBERS, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		memset(&subscriber, 0, sizeof(subscriber));
		if (!sqlite_column_copy_text(statement, 0, subscriber.id, sizeof(subscriber.id)))
			result = sqlite_corrupt(store, "a subscriber's id is too long");
		subscriber.is_enabled = sqlite3_column_int(statement, 1) != 0;
		subscriber.is_by_certificate = sqlite3_column_int(statement, 2) != 0;
		if (result == RESULT_OK)
			result = identities_read(store, &subscriber);
		if (result != RESULT_OK || !each(ctx, &subscriber)) {
			sqlite3_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
