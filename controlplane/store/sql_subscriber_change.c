/* What changes of a subscriber who is there: password, digest, flags; and that he goes. */
#include <stdio.h>

#include "controlplane/store/sql_subscriber.h"

static enum result verifier_set(struct store *store, const char *id,
				const struct scram_verifier *verifier)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_SUBSCRIBER_VERIFIER, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	sql_subscriber_bind(statement, verifier);
	result = sql_change(store, statement);
	return result == RESULT_OK ? sql_subscriber_note(store, id) : result;
}

enum result store_subscriber_verifier_set(struct store *store, const char *id,
					  const struct scram_verifier *verifier)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, verifier_set(store, id, verifier));
}

/* His names may then be used without a secure channel, or no longer. */
static enum result digest_set(struct store *store, const char *id, const uint8_t *digest)
{
	struct store_subscriber subscriber = {0};
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_SUBSCRIBER_DIGEST, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	sql_bind_bytes(statement, 2, digest != NULL ? digest : sql_subscriber_no_digest,
		       STORE_DIGEST_BYTES);
	result = sql_change(store, statement);
	if (result == RESULT_OK)
		result = sql_begin(store, SQL_IDENTITIES_SECURE, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	sql_bind_integer(statement, 2, digest == NULL);
	result = sql_run(store, statement);
	snprintf(subscriber.id, sizeof(subscriber.id), "%s", id);
	if (result == RESULT_OK)
		result = sql_subscriber_identities(store, &subscriber);
	for (unsigned i = 0; result == RESULT_OK && i < subscriber.identity_count; i++)
		result = sql_note(store, STORE_CHANGE_IDENTITY, subscriber.identity[i]);
	return result == RESULT_OK ? sql_subscriber_note(store, id) : result;
}

enum result store_subscriber_digest_set(struct store *store, const char *id, const uint8_t *digest)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, digest_set(store, id, digest));
}

/* A statement that sets one flag of his. */
static enum result flag_set(struct store *store, enum sql_which which, const char *id, bool is_set)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, which, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	sql_bind_integer(statement, 2, is_set);
	result = sql_change(store, statement);
	return result == RESULT_OK ? sql_subscriber_note(store, id) : result;
}

enum result store_subscriber_enable(struct store *store, const char *id, bool is_enabled)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, flag_set(store, SQL_SUBSCRIBER_ENABLE, id, is_enabled));
}

enum result store_subscriber_legacy_set(struct store *store, const char *id, bool is_legacy)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, flag_set(store, SQL_SUBSCRIBER_LEGACY, id, is_legacy));
}

static enum result subscriber_remove(struct store *store, const char *id)
{
	struct store_subscriber leaving = {0};
	struct sql_statement *statement;
	enum result result;

	/* his names are no longer anybody's: that is a change of theirs */
	snprintf(leaving.id, sizeof(leaving.id), "%s", id);
	result = sql_subscriber_identities(store, &leaving);
	for (unsigned i = 0; result == RESULT_OK && i < leaving.identity_count; i++)
		result = sql_note(store, STORE_CHANGE_IDENTITY, leaving.identity[i]);
	if (result == RESULT_OK)
		result = sql_begin(store, SQL_SUBSCRIBER_DELETE, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, id);
	result = sql_change(store, statement);
	return result == RESULT_OK ? sql_subscriber_note(store, id) : result;
}

enum result store_subscriber_delete(struct store *store, const char *id)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, subscriber_remove(store, id));
}
