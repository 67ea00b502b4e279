/*
 * The SQL behind the store: one set of statements and verbs (sql_*.c), and two drivers that run
 * them, SQLite (sql_sqlite.c) and PostgreSQL (sql_postgres.c).
 */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_H

#include "controlplane/store/store.h"

/* Every statement there is; prepared once, when first used. Both data bases take each of them. */
#define SQL_STATEMENTS(X)                                                                          \
	X(COMMIT, "COMMIT")                                                                        \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	X(REVISION, "SELECT revision FROM meta")                                                   \
	X(REVISION_GROW, "UPDATE meta SET revision = revision + 1 RETURNING revision")             \
	X(CHANGE_NOTE, "INSERT INTO change(kind, name, revision) VALUES(?1, ?2, ?3)"               \
		       " ON CONFLICT(kind, name) DO UPDATE SET revision = excluded.revision")      \
	X(CHANGES, "SELECT kind, name FROM change WHERE revision > ?1 ORDER BY revision, kind, name") \
	X(SUBSCRIBER_ADD,                                                                          \
	  "INSERT INTO subscriber(id, salt, iterations, stored_key, server_key, is_enabled,"       \
	  " is_by_certificate, digest, is_legacy)"                                                 \
	  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                                           \
	X(SUBSCRIBER_FIND,                                                                         \
	  "SELECT salt, iterations, stored_key, server_key, is_enabled, is_by_certificate, digest," \
	  " is_legacy FROM subscriber WHERE id = ?1") \
	X(SUBSCRIBER_VERIFIER,                                                                     \
	  "UPDATE subscriber SET salt = ?2, iterations = ?3, stored_key = ?4, server_key = ?5,"    \
	  " is_by_certificate = 0 WHERE id = ?1")                                                  \
	X(SUBSCRIBER_DIGEST, "UPDATE subscriber SET digest = ?2 WHERE id = ?1")                    \
	X(IDENTITIES_SECURE, "UPDATE identity SET must_be_secure = ?2 WHERE subscriber = ?1")      \
	X(SUBSCRIBER_ENABLE, "UPDATE subscriber SET is_enabled = ?2 WHERE id = ?1")                \
	X(SUBSCRIBER_LEGACY, "UPDATE subscriber SET is_legacy = ?2 WHERE id = ?1")                 \
	X(SUBSCRIBER_DELETE, "DELETE FROM subscriber WHERE id = ?1")                               \
	X(SUBSCRIBERS,                                                                             \
	  "SELECT salt, iterations, stored_key, server_key, is_enabled, is_by_certificate, id,"    \
	  " aor, digest, is_legacy" \
	  " FROM subscriber JOIN identity ON subscriber = id ORDER BY id, place")                  \
	X(IDENTITY_ADD, "INSERT INTO identity(aor, subscriber, place) VALUES(?1, ?2, ?3)")         \
	X(IDENTITIES_OF, "SELECT aor FROM identity WHERE subscriber = ?1 ORDER BY place")          \
	X(IDENTITY_FIND, "SELECT must_be_secure, minimum_level FROM identity WHERE aor = ?1")      \
	X(IDENTITIES,                                                                              \
	  "SELECT aor, 1, must_be_secure, minimum_level, grp FROM identity"                        \
	  " LEFT JOIN member USING(aor)"                                                           \
	  " UNION ALL SELECT aor, 0, 0, 0, grp FROM member"                                        \
	  " WHERE NOT EXISTS(SELECT 1 FROM identity WHERE identity.aor = member.aor)"              \
	  " ORDER BY 1, 5")                                                                        \
	X(GROUPS_OF, "SELECT grp FROM member WHERE aor = ?1 ORDER BY grp")                         \
	X(GROUP_FIND, "SELECT id FROM grp WHERE name = ?1")                                        \
	X(GROUP_ADD, "INSERT INTO grp(name) VALUES(?1) RETURNING id")                              \
	X(MEMBER_ADD, "INSERT INTO member(grp, aor) VALUES(?1, ?2)")                               \
	X(MEMBER_DELETE, "DELETE FROM member WHERE grp = ?1 AND aor = ?2")                         \
	X(MEMBERS,                                                                                 \
	  "SELECT grp.id, grp.name, member.aor FROM member JOIN grp ON grp.id = member.grp"        \
	  " ORDER BY grp.name, member.aor")                                                        \
	X(RULE_ADD,                                                                                \
	  "INSERT INTO rule(priority, action, minimum_level, methods, caller_match, caller_text,"  \
	  " callee_match, callee_text, hours, rate)"                                               \
	  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id")                         \
	X(RULE_DELETE, "DELETE FROM rule WHERE id = ?1")                                           \
	X(RULES,                                                                                   \
	  "SELECT rule.id, priority, action, minimum_level, methods, caller_match, caller_text,"   \
	  " callee_match, callee_text, a.id, b.id, hours, rate FROM rule"                          \
	  " LEFT JOIN grp a ON caller_match = 4 AND a.name = caller_text"                          \
	  " LEFT JOIN grp b ON callee_match = 4 AND b.name = callee_text"                          \
	  " ORDER BY priority DESC, rule.id")                                                      \
	X(GENERATION, "SELECT generation FROM policy")                                             \
	X(GENERATION_GROW, "UPDATE policy SET generation = generation + 1")                        \
	X(KEY_PUT,                                                                                 \
	  "INSERT INTO key(purpose, id, active_from_s, expires_s, sealed)"                         \
	  " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(purpose, id) DO UPDATE SET"                     \
	  " active_from_s = excluded.active_from_s, expires_s = excluded.expires_s,"               \
	  " sealed = excluded.sealed")                                                             \
	X(KEY_DELETE, "DELETE FROM key WHERE purpose = ?1 AND id = ?2")                            \
	X(KEYS,                                                                                    \
	  "SELECT purpose, id, active_from_s, expires_s, sealed FROM key ORDER BY purpose, id")    \
	X(LOCATION_PUT,                                                                            \
	  "INSERT INTO location(aor, gateway, q, since_s, revision) VALUES(?1, ?2, ?3, ?4, ?5)"    \
	  " ON CONFLICT(aor, gateway) DO UPDATE SET q = excluded.q, since_s = excluded.since_s,"   \
	  " revision = excluded.revision")                                                         \
	X(LOCATIONS,                                                                               \
	  "SELECT aor, gateway, q, since_s FROM location WHERE revision > ?1 ORDER BY aor, gateway")

enum sql_which {
#define SQL_ENUM(name, text) SQL_##name,
	SQL_STATEMENTS(SQL_ENUM)
#undef SQL_ENUM
		SQL_COUNT,
};

/* Columns and parameters of one statement, at most. */
#define SQL_COLUMNS_MAX 16

struct sql_driver;

/* In front of a driver's own. */
struct sql_statement {
	const struct sql_driver *driver;
};

/* What both drivers have in front of their own. */
struct store {
	const struct sql_driver *driver;
	uint64_t revision; /* of the transaction under way */
	int version_before; /* the schema's, if it was brought up to date; else 0 */
	char name[512];	   /* for sentences: which data base */
	char message[1280];
};

/* Words of a dialect, for the one schema. */
struct sql_words {
	const char *serial, *integer, *text, *bytes, *row_end;
	const char *bytes_begin; /* of a literal, before its hexadecimal digits and the "'" */
};

enum sql_dialect { SQL_SQLITE, SQL_POSTGRES, SQL_DIALECTS };

struct sql_driver {
	struct sql_words words;
	enum sql_dialect dialect;
	/* For the schema: a statement that others who make one wait at, held to the end of the
	 * transaction (NULL: the transaction itself is enough), and questions that give a number. */
	const char *schema_lock;
	const char *has_table, *has_column; /* formats: a table; a table and a column */
	void (*close)(struct store *store);
	/* store_interrupt(). NULL: nothing is waited for that long. */
	void (*interrupt)(struct store *store);
	/* As sql_begin() and the like below. */
	enum result (*begin)(struct store *store, enum sql_which which,
			     struct sql_statement **statement);
	void (*bind_text)(struct sql_statement *statement, unsigned parameter, const char *text);
	void (*bind_bytes)(struct sql_statement *statement, unsigned parameter, const void *at,
			   size_t length);
	void (*bind_integer)(struct sql_statement *statement, unsigned parameter, int64_t value);
	enum result (*step)(struct store *store, struct sql_statement *statement);
	void (*reset)(struct sql_statement *statement);
	/* A value of the row; text and bytes are NULL where they are of another kind, or NULL. */
	const char *(*text)(struct sql_statement *statement, unsigned column, size_t *length);
	const void *(*bytes)(struct sql_statement *statement, unsigned column, size_t *length);
	int64_t (*integer)(struct sql_statement *statement, unsigned column);
	/* Rows that the last statement has changed. */
	uint64_t (*changed)(struct store *store);
	/* From here on nobody else changes anything until the end of the transaction. */
	enum result (*transaction)(struct store *store);
	bool (*is_in_transaction)(struct store *store);
	/* Does what is committed stand where the next start looks for it? Puts it there if it can.
	 * Outside of transactions. NULL: it does. */
	enum result (*stand)(struct store *store);
	/* Within a transaction: with its commit those who listen are told. NULL: nobody listens. */
	enum result (*tell)(struct store *store);
	/* Statements without parameters: several, or one whose first value is wanted, which gives
	 * RESULT_NOT_FOUND without a row. */
	enum result (*script)(struct store *store, const char *text);
	enum result (*number)(struct store *store, const char *text, int64_t *value);
	/* What is readable when somebody has told, -1: nothing now; take reads it. NULL, both of them:
	 * nobody tells. */
	int (*descriptor)(struct store *store);
	void (*take)(struct store *store);
};

enum result sql_begin(struct store *store, enum sql_which which,
		      struct sql_statement **statement) SEKISHO_MUST_USE;

/*
 * One step: RESULT_OK with a row, RESULT_NOT_FOUND at the end (then it is reset), RESULT_EXISTS for
 * a broken uniqueness, RESULT_STALE, RESULT_SPACE or RESULT_IO (reset as well).
 */
enum result sql_step(struct store *store, struct sql_statement *statement) SEKISHO_MUST_USE;
void sql_reset(struct sql_statement *statement);

/* Run a statement that gives no rows: RESULT_OK or an error. */
enum result sql_run(struct store *store, struct sql_statement *statement) SEKISHO_MUST_USE;

/* The same, and RESULT_NOT_FOUND if it changed nothing. */
enum result sql_change(struct store *store, struct sql_statement *statement) SEKISHO_MUST_USE;

/* Run a statement that gives one row of one integer. */
enum result sql_run_for_integer(struct store *store, struct sql_statement *statement,
				int64_t *value) SEKISHO_MUST_USE;

/*
 * Every change is a transaction and has a revision; end commits or, unless result is RESULT_OK,
 * undoes.
 */
enum result sql_transaction(struct store *store) SEKISHO_MUST_USE;
enum result sql_transaction_end(struct store *store, enum result result) SEKISHO_MUST_USE;

/* The driver's stand(). */
enum result sql_stand(struct store *store) SEKISHO_MUST_USE;

/* Within a transaction: what has changed, for those who follow the store. */
enum result sql_note(struct store *store, enum store_change_kind kind,
		     const char *name) SEKISHO_MUST_USE;

/* Bind a value, from 1; text (terminated) and bytes must stay until the statement is stepped. */
void sql_bind_text(struct sql_statement *statement, unsigned parameter, const char *text);
void sql_bind_bytes(struct sql_statement *statement, unsigned parameter, const void *at,
		    size_t length);
void sql_bind_integer(struct sql_statement *statement, unsigned parameter, int64_t value);

/* A column's text or bytes, from 0, copied: false if it does not fit or is of another kind. */
bool sql_column_copy_text(struct sql_statement *statement, unsigned column, char *out, size_t size);
bool sql_column_copy_bytes(struct sql_statement *statement, unsigned column, void *out, size_t size,
			   size_t *length);
/* 0 for NULL. */
int64_t sql_column_integer(struct sql_statement *statement, unsigned column);

/* Note what is wrong with the store's content; RESULT_IO. */
enum result sql_corrupt(struct store *store, const char *what) SEKISHO_MUST_USE;
/* A sentence about a failure; result is returned. */
enum result sql_fail(struct store *store, enum result result, const char *what, const char *detail);

/* The id of the group of that name, which is made if it is not there. */
enum result sql_group_ensure(struct store *store, const char *name, int64_t *id) SEKISHO_MUST_USE;

/* Make the tables of an empty data base, bring those of an older one up to date, refuse a newer. */
enum result sql_schema_ensure(struct store *store) SEKISHO_MUST_USE;

/* The tables are of this version; sql_migrate.c knows the way from each before it. */
#define SQL_SCHEMA_VERSION 2

/* Within a transaction: statements in the schema's words; from an older version to this one. */
enum result sql_schema_script(struct store *store, const char *script) SEKISHO_MUST_USE;
enum result sql_migrate(struct store *store, int version) SEKISHO_MUST_USE;

/* sql_sqlite.c, sql_postgres.c: a store of that driver; set also on failure, unless there is no
 * memory. */
enum result sql_sqlite_open(const char *path, struct store **store) SEKISHO_MUST_USE;
enum result sql_postgres_open(const char *conninfo, const char *password_file,
			      struct store **store) SEKISHO_MUST_USE;

extern const char *const sql_text[SQL_COUNT];

#endif
