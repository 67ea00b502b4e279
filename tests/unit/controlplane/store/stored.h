/*
 * A store for a test, as those of the store and the policy use it: SQLite in a scratch folder or,
 * where $SEKISHO_TEST_POSTGRES says how to connect, PostgreSQL with nothing in it.
 */
#ifndef SEKISHO_TESTS_CONTROLPLANE_STORED_H
#define SEKISHO_TESTS_CONTROLPLANE_STORED_H

#include <libpq-fe.h>

#include "controlplane/store/store.h"
#include "tests/unit/controlplane/scratch.h"

struct stored {
	struct scratch scratch;
	char path[128];
	struct store *store;
};

static inline const char *stored_postgres(void)
{
	const char *conninfo = getenv("SEKISHO_TEST_POSTGRES");

	return conninfo != NULL ? conninfo : "";
}

/* Run statements on the test's PostgreSQL, beside the store. */
static inline void stored_postgres_run(const char *sql)
{
	PGconn *connection = PQconnectdb(stored_postgres());
	PGresult *done = PQexec(connection, sql);

	if (PQresultStatus(done) != PGRES_COMMAND_OK && PQresultStatus(done) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(connection));
	PQclear(done);
	PQfinish(connection);
}

static inline enum result stored_open(struct stored *s, struct store **store)
{
	const struct store_place place = {.sqlite = s->path, .postgres = stored_postgres()};

	return store_open(&place, store);
}

static inline int stored_make(void **state)
{
	struct stored *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	scratch_make(&s->scratch);
	scratch_path(&s->scratch, s->path, "store.sqlite");
	if (stored_postgres()[0] != '\0')
		stored_postgres_run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	*state = s;
	return 0;
}

static inline int stored_remove(void **state)
{
	struct stored *s = *state;

	store_close(s->store);
	scratch_remove(&s->scratch);
	free(s);
	return 0;
}

static inline struct store_subscriber subscriber_of(const char *id, const char *second)
{
	struct store_subscriber subscriber = {.is_enabled = true, .identity_count = 1};

	snprintf(subscriber.id, sizeof(subscriber.id), "%s", id);
	snprintf(subscriber.identity[0], sizeof(subscriber.identity[0]), "%s", id);
	if (second != NULL) {
		snprintf(subscriber.identity[1], sizeof(subscriber.identity[1]), "%s", second);
		subscriber.identity_count = 2;
	}
	memset(subscriber.verifier.salt, 0x11, 16);
	subscriber.verifier.salt_len = 16;
	subscriber.verifier.iterations = 4096;
	memset(subscriber.verifier.stored_key.bytes, 0x22, SECRET_BYTES);
	memset(subscriber.verifier.server_key.bytes, 0x33, SECRET_BYTES);
	return subscriber;
}

static inline void subscriber_put(struct store *store, const char *id)
{
	struct store_subscriber subscriber = subscriber_of(id, NULL);

	assert_int_equal(store_subscriber_add(store, &subscriber), RESULT_OK);
}

#define STORED_TEST(name) cmocka_unit_test_setup_teardown(name, stored_make, stored_remove)

#endif
