/* Subscribers as the store has them: added, found, read one after the other. */
#include "controlplane/store/sql_subscriber.h"

#include <openssl/crypto.h>
#include <string.h>

void sql_subscriber_bind(struct sql_statement *statement, const struct scram_verifier *verifier)
{
	sql_bind_bytes(statement, 2, verifier->salt, verifier->salt_len);
	sql_bind_integer(statement, 3, verifier->iterations);
	sql_bind_bytes(statement, 4, verifier->stored_key.bytes, SECRET_BYTES);
	sql_bind_bytes(statement, 5, verifier->server_key.bytes, SECRET_BYTES);
}

static bool verifier_read(struct sql_statement *statement, struct scram_verifier *verifier)
{
	int64_t iterations = sql_column_integer(statement, 1);
	size_t salt, stored, server;

	if (!sql_column_copy_bytes(statement, 0, verifier->salt, SCRAM_SALT_BYTES, &salt) ||
	    !sql_column_copy_bytes(statement, 2, verifier->stored_key.bytes, SECRET_BYTES,
				   &stored) ||
	    !sql_column_copy_bytes(statement, 3, verifier->server_key.bytes, SECRET_BYTES, &server))
		return false;
	if (salt == 0 || stored != SECRET_BYTES || server != SECRET_BYTES ||
	    iterations < LIMIT_SCRAM_ITERATIONS_MIN || iterations > LIMIT_SCRAM_ITERATIONS_MAX)
		return false;
	verifier->salt_len = (uint8_t)salt;
	verifier->iterations = (uint32_t)iterations;
	return true;
}

/* What no digest is: he has none. */
const uint8_t sql_subscriber_no_digest[STORE_DIGEST_BYTES];

static bool digest_read(struct sql_statement *statement, unsigned column,
			struct store_subscriber *subscriber)
{
	size_t length = 0;

	if (!sql_column_copy_bytes(statement, column, subscriber->digest,
				   sizeof(subscriber->digest), &length) ||
	    length != sizeof(subscriber->digest))
		return false;
	subscriber->has_digest = memcmp(subscriber->digest, sql_subscriber_no_digest,
					sizeof(sql_subscriber_no_digest)) != 0;
	return true;
}

enum result sql_subscriber_note(struct store *store, const char *id)
{
	return sql_note(store, STORE_CHANGE_SUBSCRIBER, id);
}

static enum result identities_add(struct store *store, const struct store_subscriber *subscriber)
{
	enum result result = RESULT_OK;

	for (unsigned i = 0; result == RESULT_OK && i < subscriber->identity_count; i++) {
		struct sql_statement *statement;

		result = sql_begin(store, SQL_IDENTITY_ADD, &statement);
		if (result != RESULT_OK)
			break;
		sql_bind_text(statement, 1, subscriber->identity[i]);
		sql_bind_text(statement, 2, subscriber->id);
		sql_bind_integer(statement, 3, i);
		result = sql_run(store, statement);
	}
	return result;
}

static enum result subscriber_insert(struct store *store, const struct store_subscriber *subscriber)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_SUBSCRIBER_ADD, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, subscriber->id);
	sql_subscriber_bind(statement, &subscriber->verifier);
	sql_bind_integer(statement, 6, subscriber->is_enabled);
	sql_bind_integer(statement, 7, subscriber->is_by_certificate);
	sql_bind_bytes(statement, 8,
		       subscriber->has_digest ? subscriber->digest : sql_subscriber_no_digest,
		       STORE_DIGEST_BYTES);
	sql_bind_integer(statement, 9, subscriber->is_legacy);
	result = sql_run(store, statement);
	if (result == RESULT_OK)
		result = identities_add(store, subscriber);
	return result == RESULT_OK ? sql_subscriber_note(store, subscriber->id) : result;
}

enum result store_subscriber_add(struct store *store, const struct store_subscriber *subscriber)
{
	enum result result;

	if (subscriber->id[0] == '\0' || subscriber->identity_count == 0 ||
	    subscriber->identity_count > LIMIT_BINDING_IDENTITIES)
		return RESULT_BAD;
	result = sql_transaction(store);
	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, subscriber_insert(store, subscriber));
}

enum result sql_subscriber_identities(struct store *store, struct store_subscriber *subscriber)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_IDENTITIES_OF, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, subscriber->id);
	subscriber->identity_count = 0;
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		uint8_t count = subscriber->identity_count;

		if (count == LIMIT_BINDING_IDENTITIES ||
		    !sql_column_copy_text(statement, 0, subscriber->identity[count],
					  sizeof(subscriber->identity[count]))) {
			sql_reset(statement);
			return sql_corrupt(store, "an identity is too long or one too many");
		}
		subscriber->identity_count++;
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_subscriber_find(struct store *store, const char *id,
				  struct store_subscriber *subscriber)
{
	struct store_subscriber found = {0};
	struct sql_statement *statement;
	bool is_sound;
	enum result result = sql_begin(store, SQL_SUBSCRIBER_FIND, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	result = sql_step(store, statement);
	if (result != RESULT_OK)
		return result;
	is_sound = verifier_read(statement, &found.verifier) && digest_read(statement, 6, &found) &&
		   strlen(id) < sizeof(found.id);
	found.is_enabled = sql_column_integer(statement, 4) != 0;
	found.is_by_certificate = sql_column_integer(statement, 5) != 0;
	found.is_legacy = sql_column_integer(statement, 7) != 0;
	sql_reset(statement);
	if (!is_sound)
		return sql_corrupt(store, "a subscriber's verifier is malformed");
	strcpy(found.id, id);
	result = sql_subscriber_identities(store, &found);
	if (result == RESULT_OK)
		*subscriber = found;
	store_subscriber_wipe(&found);
	return result;
}

void store_subscriber_wipe(struct store_subscriber *subscriber)
{
	OPENSSL_cleanse(&subscriber->verifier, sizeof(subscriber->verifier));
	OPENSSL_cleanse(subscriber->digest, sizeof(subscriber->digest));
}

/* A row is one identity: the subscriber is whole when another's row comes, or none. */
static enum result row_take(struct store *store, struct sql_statement *statement,
			    struct store_subscriber *subscriber)
{
	uint8_t count = subscriber->identity_count;

	if (count == 0 && (!verifier_read(statement, &subscriber->verifier) ||
			   !digest_read(statement, 8, subscriber)))
		return sql_corrupt(store, "a subscriber's verifier is malformed");
	if (count == LIMIT_BINDING_IDENTITIES ||
	    !sql_column_copy_text(statement, 7, subscriber->identity[count],
				  sizeof(subscriber->identity[count])))
		return sql_corrupt(store, "an identity is too long or one too many");
	subscriber->is_enabled = sql_column_integer(statement, 4) != 0;
	subscriber->is_by_certificate = sql_column_integer(statement, 5) != 0;
	subscriber->is_legacy = sql_column_integer(statement, 9) != 0;
	subscriber->identity_count++;
	return RESULT_OK;
}

/* As long as rows are of the same subscriber; *is_wanted turns false when each has had enough. */
static enum result rows_walk(struct store *store, struct sql_statement *statement,
			     struct store_subscriber *subscriber, store_subscriber_each *each,
			     void *ctx, bool *is_wanted)
{
	char id[LIMIT_AOR_BYTES + 1];
	enum result result;

	while (*is_wanted && (result = sql_step(store, statement)) == RESULT_OK) {
		if (!sql_column_copy_text(statement, 6, id, sizeof(id)))
			return sql_corrupt(store, "a subscriber's id is too long");
		if (subscriber->identity_count > 0 && strcmp(id, subscriber->id) != 0) {
			*is_wanted = each(ctx, subscriber);
			subscriber->identity_count = 0;
		}
		strcpy(subscriber->id, id);
		result = row_take(store, statement, subscriber);
		if (result != RESULT_OK)
			return result;
	}
	return *is_wanted ? result : RESULT_OK;
}

enum result store_subscribers_each(struct store *store, store_subscriber_each *each, void *ctx)
{
	struct store_subscriber subscriber = {0};
	struct sql_statement *statement;
	bool is_wanted = true;
	enum result result = sql_begin(store, SQL_SUBSCRIBERS, &statement);

	if (result != RESULT_OK)
		return result;
	result = rows_walk(store, statement, &subscriber, each, ctx, &is_wanted);
	if (result == RESULT_NOT_FOUND && subscriber.identity_count > 0)
		each(ctx, &subscriber);
	sql_reset(statement);
	store_subscriber_wipe(&subscriber);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
