/* A data base of an older program is brought up to date with all that stands in it, or left alone. */
#include "controlplane/store/sql.h"
#include "tests/unit/controlplane/store/stored.h"

/* Version 1 as it was when it began. */
static const char first_form[] =
	"DROP TABLE location; DROP TABLE key; DROP TABLE policy; DROP TABLE rule;"
	"DROP TABLE member; DROP TABLE grp; DROP TABLE identity; DROP TABLE subscriber;"
	"DROP TABLE change; DROP TABLE meta;"
	"CREATE TABLE meta(version %I NOT NULL, revision %I NOT NULL);"
	"INSERT INTO meta VALUES(1, 7);"
	"CREATE TABLE change(kind %I NOT NULL, name %T NOT NULL, revision %I NOT NULL,"
	" PRIMARY KEY(kind, name))%E;"
	"CREATE INDEX change_revision ON change(revision);"
	"CREATE TABLE subscriber("
	" id %T PRIMARY KEY NOT NULL,"
	" salt %B NOT NULL,"
	" iterations %I NOT NULL,"
	" stored_key %B NOT NULL CHECK(length(stored_key) = 32),"
	" server_key %B NOT NULL CHECK(length(server_key) = 32),"
	" is_enabled %I NOT NULL,"
	" is_by_certificate %I NOT NULL DEFAULT 0)%E;"
	"CREATE TABLE identity("
	" aor %T PRIMARY KEY NOT NULL,"
	" subscriber %T NOT NULL REFERENCES subscriber(id) ON DELETE CASCADE,"
	" place %I NOT NULL,"
	" must_be_secure %I NOT NULL DEFAULT 1,"
	" minimum_level %I NOT NULL DEFAULT 0)%E;"
	"CREATE INDEX identity_subscriber ON identity(subscriber, place);"
	"CREATE TABLE grp(id %S, name %T UNIQUE NOT NULL);"
	"CREATE TABLE member(grp %I NOT NULL REFERENCES grp(id), aor %T NOT NULL,"
	" PRIMARY KEY(aor, grp))%E;"
	"CREATE TABLE rule("
	" id %S,"
	" priority %I NOT NULL,"
	" action %I NOT NULL CHECK(action IN (1, 2)),"
	" minimum_level %I NOT NULL CHECK(minimum_level BETWEEN 0 AND 3),"
	" methods %T NOT NULL,"
	" caller_match %I NOT NULL CHECK(caller_match BETWEEN 1 AND 4),"
	" caller_text %T NOT NULL,"
	" callee_match %I NOT NULL CHECK(callee_match BETWEEN 1 AND 4),"
	" callee_text %T NOT NULL);"
	"CREATE TABLE policy(generation %I NOT NULL);"
	"INSERT INTO policy VALUES(3);"
	"CREATE TABLE key(purpose %I NOT NULL, id %I NOT NULL, active_from_s %I NOT NULL,"
	" expires_s %I NOT NULL, sealed %B NOT NULL, PRIMARY KEY(purpose, id))%E;"
	"CREATE TABLE location(aor %T NOT NULL, gateway %I NOT NULL, q %I NOT NULL,"
	" since_s %I NOT NULL, revision %I NOT NULL, PRIMARY KEY(aor, gateway))%E;"
	"CREATE INDEX location_revision ON location(revision);"
	"INSERT INTO subscriber VALUES('a@abc.com', %Z, 4096, %Z, %Z, 1, 1);"
	"INSERT INTO identity(aor, subscriber, place) VALUES('a@abc.com', 'a@abc.com', 0);"
	"INSERT INTO grp(name) VALUES('sales');"
	"INSERT INTO member VALUES(1, 'a@abc.com');"
	"INSERT INTO rule(priority, action, minimum_level, methods, caller_match, caller_text,"
	" callee_match, callee_text) VALUES(10, 1, 3, 'INVITE', 3, 'abc.com', 1, '');"
	"INSERT INTO rule(priority, action, minimum_level, methods, caller_match, caller_text,"
	" callee_match, callee_text) VALUES(20, 2, 0, '', 4, 'sales', 1, '');"
	"DELETE FROM rule WHERE id = 2";

static void aged(struct stored *s, const char *more)
{
	assert_int_equal(sql_schema_script(s->store, first_form), RESULT_OK);
	if (more[0] != '\0')
		assert_int_equal(sql_schema_script(s->store, more), RESULT_OK);
	store_close(s->store);
}

static bool rule_take(void *ctx, const struct store_rule *rule)
{
	*(struct store_rule *)ctx = *rule;
	return false;
}

static void nothing_of_an_older_data_base_is_lost(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;
	struct store_identity identity;
	struct store_rule rule = {0};
	uint64_t revision, generation;

	aged(s, "");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_version_before(s->store), 1);
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	assert_int_equal(found.verifier.iterations, 4096);
	assert_true(found.is_enabled && found.is_by_certificate);
	assert_false(found.has_digest || found.is_legacy);
	assert_int_equal(store_identity_find(s->store, "a@abc.com", &identity), RESULT_OK);
	assert_int_equal(identity.group_count, 1);
	assert_int_equal(store_rules_each(s->store, rule_take, &rule), RESULT_OK);
	assert_int_equal(rule.id, 1);
	assert_int_equal(rule.priority, 10);
	assert_string_equal(rule.methods, "INVITE");
	assert_string_equal(rule.hours, "");
	assert_int_equal(store_policy_generation(s->store, &generation), RESULT_OK);
	assert_int_equal(generation, 3);
	assert_int_equal(store_revision(s->store, &revision), RESULT_OK);
	assert_int_equal(revision, 7);
}

static void what_is_new_can_be_said_in_it(void **state)
{
	struct stored *s = *state;
	const uint8_t digest[STORE_DIGEST_BYTES] = {1};
	struct store_subscriber found;
	struct store_rule rule = {.priority = 30,
				  .action = POLICY_LIMIT,
				  .hours = "",
				  .rate = "10/min",
				  .caller = {.match = POLICY_MATCH_PATTERN, .text = "a.*"},
				  .callee = {.match = POLICY_MATCH_ANY}};
	uint32_t id = 0;

	aged(s, "");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	/* not that of the rule that was deleted */
	assert_int_equal(id, 3);
	assert_int_equal(store_subscriber_digest_set(s->store, "a@abc.com", digest), RESULT_OK);
	assert_int_equal(store_subscriber_legacy_set(s->store, "a@abc.com", true), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	assert_true(found.has_digest && found.is_legacy);
	subscriber_put(s->store, "b@abc.com");
}

static void it_is_done_once(void **state)
{
	struct stored *s = *state;

	aged(s, "");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	store_close(s->store);
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_version_before(s->store), 0);
}

/* Version 1 grew without another number: some of it may be there. */
static void what_is_there_already_is_passed_over(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;

	aged(s, "ALTER TABLE subscriber ADD COLUMN digest %B NOT NULL DEFAULT %Z;"
		"UPDATE subscriber SET digest = stored_key");
	assert_int_equal(stored_open(s, &s->store), RESULT_OK);
	assert_int_equal(store_version_before(s->store), 1);
	assert_int_equal(store_subscriber_find(s->store, "a@abc.com", &found), RESULT_OK);
	assert_false(found.is_legacy);
}

static void what_does_not_work_out_changes_nothing(void **state)
{
	struct stored *s = *state;
	char question[256];
	int64_t value = -1;

	/* in the way of the last step, on the one and on the other */
	aged(s, "CREATE TABLE rule_2(id %I)");
	if (stored_postgres()[0] != '\0')
		stored_postgres_run("ALTER TABLE rule DROP CONSTRAINT rule_action_check");
	assert_int_equal(stored_open(s, &s->store), RESULT_IO);
	assert_non_null(strstr(store_message(s->store), "cannot be used"));
	assert_false(s->store->driver->is_in_transaction(s->store));
	assert_int_equal(s->store->driver->number(s->store, "SELECT version FROM meta", &value),
			 RESULT_OK);
	assert_int_equal(value, 1);
	snprintf(question, sizeof(question), s->store->driver->has_column, "subscriber", "digest");
	assert_int_equal(s->store->driver->number(s->store, question, &value), RESULT_OK);
	assert_int_equal(value, 0);
}

static void newer_data_base_is_refused_with_what_to_do(void **state)
{
	struct stored *s = *state;
	int64_t value = 0;

	aged(s, "UPDATE meta SET version = 99");
	assert_int_equal(stored_open(s, &s->store), RESULT_VERSION);
	assert_non_null(strstr(store_message(s->store), "has version 99, this program knows 2"));
	assert_non_null(strstr(store_message(s->store), "backup"));
	assert_int_equal(s->store->driver->number(s->store, "SELECT version FROM meta", &value),
			 RESULT_OK);
	assert_int_equal(value, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(nothing_of_an_older_data_base_is_lost),
		STORED_TEST(what_is_new_can_be_said_in_it),
		STORED_TEST(it_is_done_once),
		STORED_TEST(what_is_there_already_is_passed_over),
		STORED_TEST(what_does_not_work_out_changes_nothing),
		STORED_TEST(newer_data_base_is_refused_with_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
