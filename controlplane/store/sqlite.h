/* The SQLite behind the store: its handle, its prepared statements, its errors as results. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQLITE_H
#define SEKISHO_CONTROLPLANE_STORE_SQLITE_H

#include <sqlite3.h>

#include "controlplane/store/store.h"

/* Every statement there is; prepared once, when first used. */
#define SQLITE_STATEMENTS(X)                                                                       \
	X(BEGIN, "BEGIN IMMEDIATE")                                                                \
	X(COMMIT, "COMMIT")                                                                        \
	X(ROLLBACK, "ROLLBACK")                                                                    \
	X(SUBSCRIBER_ADD,                                                                          \
	  "INSERT INTO subscriber(id, salt, iterations, stored_key, server_key, is_enabled,"       \
	  " is_by_certificate)"                                                                    \
	  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                   \
	X(SUBSCRIBER_FIND,                                                                         \
	  "SELECT salt, iterations, stored_key, server_key, is_enabled, is_by_certificate"         \
	  " FROM subscriber WHERE id = ?1")                                                        \
	X(SUBSCRIBER_VERIFIER,                                                                     \
	  "UPDATE subscriber SET salt = ?2, iterations = ?3, stored_key = ?4, server_key = ?5,"    \
	  " is_by_certificate = 0 WHERE id = ?1")                                                  \
	X(SUBSCRIBER_ENABLE, "UPDATE subscriber SET is_enabled = ?2 WHERE id = ?1")                \
	X(SUBSCRIBER_DELETE, "DELETE FROM subscriber WHERE id = ?1")                               \
	X(SUBSCRIBERS, "SELECT id, is_enabled, is_by_certificate FROM subscriber ORDER BY id")     \
	X(IDENTITY_ADD, "INSERT INTO identity(aor, subscriber, place) VALUES(?1, ?2, ?3)")         \
	X(IDENTITIES_OF, "SELECT aor FROM identity WHERE subscriber = ?1 ORDER BY place")          \
	X(IDENTITY_FIND, "SELECT must_be_secure, minimum_level FROM identity WHERE aor = ?1")      \
	X(IDENTITIES, "SELECT aor FROM identity UNION SELECT aor FROM member ORDER BY 1")          \
	X(GROUPS_OF, "SELECT grp FROM member WHERE aor = ?1 ORDER BY grp")                         \
	X(GROUP_FIND, "SELECT id FROM grp WHERE name = ?1")                                        \
	X(GROUP_ADD, "INSERT INTO grp(name) VALUES(?1)")                                           \
	X(MEMBER_ADD, "INSERT INTO member(grp, aor) VALUES(?1, ?2)")                               \
	X(MEMBER_DELETE, "DELETE FROM member WHERE grp = ?1 AND aor = ?2")                         \
	X(MEMBERS,                                                                                 \
	  "SELECT grp.id, grp.name, member.aor FROM member JOIN grp ON grp.id = member.grp"        \
	  " ORDER BY grp.name, member.aor")                                                        \
	X(RULE_ADD,                                                                                \
	  "INSERT INTO rule(priority, action, minimum_level, methods, caller_match, caller_text,"  \
	  " callee_match, callee_text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                    \
	X(RULE_DELETE, "DELETE FROM rule WHERE id = ?1")                                           \
	X(RULES,                                                                                   \
	  "SELECT rule.id, priority, action, minimum_level, methods, caller_match, caller_text,"   \
	  " callee_match, callee_text, a.id, b.id FROM rule"                                       \
	  " LEFT JOIN grp a ON caller_match = 4 AND a.name = caller_text"                          \
	  " LEFT JOIN grp b ON callee_match = 4 AND b.name = callee_text"                          \
	  " ORDER BY priority DESC, rule.id")                                                      \
	X(GENERATION, "SELECT generation FROM policy")                                             \
	X(GENERATION_GROW, "UPDATE policy SET generation = generation + 1")                        \
	X(KEY_PUT, "INSERT OR REPLACE INTO key(purpose, id, active_from_s, expires_s, sealed)"     \
		   " VALUES(?1, ?2, ?3, ?4, ?5)")                                                  \
	X(KEY_DELETE, "DELETE FROM key WHERE purpose = ?1 AND id = ?2")                            \
	X(KEYS,                                                                                    \
	  "SELECT purpose, id, active_from_s, expires_s, sealed FROM key ORDER BY purpose, id")

enum sqlite_statement {
#define STATEMENT_ENUM(name, text) SQLITE_STATEMENT_##name,
	SQLITE_STATEMENTS(STATEMENT_ENUM)
#undef STATEMENT_ENUM
		SQLITE_STATEMENT_COUNT,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statement[SQLITE_STATEMENT_COUNT];
	char path[1024];
	char message[1280];
};

/* The statement, reset and without old parameters. RESULT_OK or an error of the store. */
enum result sqlite_begin(struct store *store, enum sqlite_statement which,
			 sqlite3_stmt **statement) SEKISHO_MUST_USE;

/*
 * One step: RESULT_OK with a row, RESULT_NOT_FOUND at the end (then it is reset), RESULT_EXISTS for
 * a broken uniqueness, RESULT_STALE, RESULT_SPACE or RESULT_IO (reset as well).
 */
enum result sqlite_step(struct store *store, sqlite3_stmt *statement) SEKISHO_MUST_USE;

/* Run a statement that gives no rows: RESULT_OK or an error. */
enum result sqlite_run(struct store *store, sqlite3_stmt *statement) SEKISHO_MUST_USE;

/* The same, and RESULT_NOT_FOUND if it changed nothing. */
enum result sqlite_change(struct store *store, sqlite3_stmt *statement) SEKISHO_MUST_USE;

/* A transaction for a change of several rows; end commits or, unless result is RESULT_OK, undoes.
 */
enum result sqlite_transaction(struct store *store) SEKISHO_MUST_USE;
enum result sqlite_transaction_end(struct store *store, enum result result) SEKISHO_MUST_USE;

/* Bind a terminated text or bytes; they must stay until the statement is stepped. */
void sqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text);
void sqlite_bind_bytes(sqlite3_stmt *statement, int parameter, const void *at, size_t length);

/* A column's text or bytes, copied: false if it does not fit or is of another kind. */
bool sqlite_column_copy_text(sqlite3_stmt *statement, int column, char *out, size_t size);
bool sqlite_column_copy_bytes(sqlite3_stmt *statement, int column, void *out, size_t size,
			      size_t *length);

/* Note what is wrong with the store's content; RESULT_IO. */
enum result sqlite_corrupt(struct store *store, const char *what) SEKISHO_MUST_USE;

/* The id of the group of that name, which is made if it is not there. */
enum result sqlite_group_ensure(struct store *store, const char *name,
				sqlite3_int64 *id) SEKISHO_MUST_USE;

/* Make the tables of an empty data base, check the version of another. */
enum result sqlite_schema_ensure(struct store *store) SEKISHO_MUST_USE;

#endif
