/*
 * What the gateway remembers: subscribers and their verifiers, groups, policy rules, sealed keys,
 * and in a data base that several gateways share, who is registered at which of them. One
 * interface; SQLite in WAL mode or PostgreSQL behind it (sql.h). Every call may wait for the disk,
 * a lock or a network: the keeper's thread makes them (keeper.h), never the event loop.
 *
 * Errors of every function: RESULT_NOT_FOUND, RESULT_EXISTS and RESULT_BAD speak of the request;
 * RESULT_SPACE (data base or disk full), RESULT_STALE (locked by somebody else, try again),
 * RESULT_IO (corrupt or unreadable) and RESULT_VERSION of the store itself: nothing was changed,
 * and store_message() has a sentence for the operator.
 */
#ifndef SEKISHO_CONTROLPLANE_STORE_STORE_H
#define SEKISHO_CONTROLPLANE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/contract/policy_blob.h"
#include "shared/keyexchange/scram.h"
#include "shared/limits.h"
#include "shared/result.h"

#define STORE_GROUP_NAME_BYTES 63
#define STORE_METHODS_BYTES    255
#define STORE_WHEN_BYTES       47
#define STORE_SEALED_BYTES     128
#define STORE_DIGEST_BYTES     32

struct store;

/* A subscriber; every text is terminated, AORs are canonical. */
struct store_subscriber {
	char id[LIMIT_AOR_BYTES + 1];
	struct scram_verifier verifier;
	bool is_enabled;
	bool has_digest;	/* may send without a secure channel, proved by digest (P18) */
	uint8_t digest[STORE_DIGEST_BYTES]; /* H(id ":" domain ":" another password) */
	bool is_legacy; /* his phone knows no Route-Security */
	bool is_by_certificate; /* attaches by certificate alone; nobody knows the verifier */
	uint8_t identity_count; /* at least 1 */
	char identity[LIMIT_BINDING_IDENTITIES][LIMIT_AOR_BYTES + 1];
};

/* An AOR that is somebody's identity, a group's member, or both. */
struct store_identity {
	char aor[LIMIT_AOR_BYTES + 1];
	bool is_subscribers; /* one of ours */
	bool must_be_secure;
	uint8_t minimum_level; /* callers below it are refused as unknown */
	uint8_t group_count;
	uint32_t group[LIMIT_IDENTITY_GROUPS];
};

struct store_group {
	uint32_t id;
	char name[STORE_GROUP_NAME_BYTES + 1];
};

/* One side of a rule; text is empty for POLICY_MATCH_ANY, a group's name for _GROUP, and for
 * _PATTERN the pattern. */
struct store_party {
	enum policy_match match;
	char text[LIMIT_AOR_BYTES + 1];
	uint32_t group; /* its id, filled in by store_rules_each() */
};

struct store_rule {
	uint32_t id;
	int32_t priority;
	enum policy_action action;
	uint8_t minimum_level;
	char methods[STORE_METHODS_BYTES + 1]; /* "INVITE,MESSAGE", "~PATTERN"; empty: every one */
	char hours[STORE_WHEN_BYTES + 1]; /* "mon-fri 08:00-18:00"; empty: always */
	char rate[STORE_WHEN_BYTES + 1];  /* "10/min"; empty but for POLICY_LIMIT */
	struct store_party caller;
	struct store_party callee;
};

/* A key as it rests: purpose and id as in struct contract_key, the key sealed by who keeps it. */
struct store_key {
	uint8_t purpose;
	uint8_t id;
	uint64_t active_from_s;
	uint64_t expires_s;
	size_t sealed_length;
	uint8_t sealed[STORE_SEALED_BYTES];
};

/* Which data base: a file of SQLite or, if postgres is not empty, a connection string of libpq. */
struct store_place {
	const char *sqlite;
	const char *postgres;
	const char *password_file; /* may be empty; for PostgreSQL */
};

/*
 * Open the data base and make its tables if it has none, or bring an older program's up to date in
 * one transaction. A file is created with mode 0600. *store
 * is set also on failure (unless there is no memory), for store_message() and to be closed.
 * RESULT_VERSION: the tables are a newer program's.
 * RESULT_DENIED: the password file is not its owner's alone, or the connection string has a
 * password.
 */
enum result store_open(const struct store_place *place, struct store **store) SEKISHO_MUST_USE;
void store_close(struct store *store);

/*
 * Which version the tables had before store_open() brought them up to date; 0: they were. Then a
 * program older than this one refuses them.
 */
int store_version_before(const struct store *store);

/*
 * From another thread, once: what waits for an answer of a server, now or later, is given up, so
 * that the store can be closed soon.
 */
void store_interrupt(struct store *store);

/* A sentence about the last failure of the store itself. Never NULL; store may be NULL. */
const char *store_message(const struct store *store);

/*
 * Every change has a revision, one more than the change before it, whoever made it. A descriptor
 * that is readable when another has changed something is there with PostgreSQL; else -1.
 */
enum result store_revision(struct store *store, uint64_t *revision) SEKISHO_MUST_USE;
int store_descriptor(struct store *store);
void store_descriptor_take(struct store *store);

/* Can it be written? */
enum result store_probe(struct store *store) SEKISHO_MUST_USE;

enum store_change_kind {
	STORE_CHANGE_SUBSCRIBER = 1, /* name: its id */
	STORE_CHANGE_IDENTITY,	     /* name: an AOR whose groups or owner changed */
	STORE_CHANGE_POLICY,	     /* no name */
	STORE_CHANGE_KEY,	     /* no name */
};

/* What has changed after a revision; each thing once, however often it did. */
typedef bool store_change_each(void *ctx, enum store_change_kind kind, const char *name);
enum result store_changes_each(struct store *store, uint64_t after, store_change_each *each,
			       void *ctx) SEKISHO_MUST_USE;

/* RESULT_EXISTS: the id or one of its identities is taken. */
enum result store_subscriber_add(struct store *store,
				 const struct store_subscriber *subscriber) SEKISHO_MUST_USE;
enum result store_subscriber_find(struct store *store, const char *id,
				  struct store_subscriber *subscriber) SEKISHO_MUST_USE;
/* Who had a certificate has a password from now on. */
enum result store_subscriber_verifier_set(struct store *store, const char *id,
					  const struct scram_verifier *verifier) SEKISHO_MUST_USE;
/*
 * With a digest (STORE_DIGEST_BYTES) the subscriber's names need no secure channel; NULL takes it away,
 * and they need one again.
 */
enum result store_subscriber_digest_set(struct store *store, const char *id,
					const uint8_t *digest) SEKISHO_MUST_USE;
enum result store_subscriber_enable(struct store *store, const char *id,
				    bool is_enabled) SEKISHO_MUST_USE;
enum result store_subscriber_legacy_set(struct store *store, const char *id,
					bool is_legacy) SEKISHO_MUST_USE;
enum result store_subscriber_delete(struct store *store, const char *id) SEKISHO_MUST_USE;

/* Of a copy: verifier and digest. */
void store_subscriber_wipe(struct store_subscriber *subscriber);

/* In order of id. each returns false to stop. Nothing else may be asked of the store meanwhile. */
typedef bool store_subscriber_each(void *ctx, const struct store_subscriber *subscriber);
enum result store_subscribers_each(struct store *store, store_subscriber_each *each,
				   void *ctx) SEKISHO_MUST_USE;

/* RESULT_NOT_FOUND: neither an identity nor a member; *identity then has its aor alone. */
enum result store_identity_find(struct store *store, const char *aor,
				struct store_identity *identity) SEKISHO_MUST_USE;

typedef bool store_identity_each(void *ctx, const struct store_identity *identity);
enum result store_identities_each(struct store *store, store_identity_each *each,
				  void *ctx) SEKISHO_MUST_USE;

/*
 * The group is made with its first member. RESULT_EXISTS: is a member already; RESULT_BAD: would be
 * in more than LIMIT_IDENTITY_GROUPS groups.
 */
enum result store_group_add(struct store *store, const char *group,
			    const char *aor) SEKISHO_MUST_USE;
enum result store_group_remove(struct store *store, const char *group,
			       const char *aor) SEKISHO_MUST_USE;
typedef bool store_member_each(void *ctx, const struct store_group *group, const char *aor);
enum result store_members_each(struct store *store, store_member_each *each,
			       void *ctx) SEKISHO_MUST_USE;

/* The id is given by the store. A rule's group is made if it is not there, so that it can fill. */
enum result store_rule_add(struct store *store, const struct store_rule *rule,
			   uint32_t *id) SEKISHO_MUST_USE;
enum result store_rule_delete(struct store *store, uint32_t id) SEKISHO_MUST_USE;

/* In order of decision: descending priority, then ascending id. */
typedef bool store_rule_each(void *ctx, const struct store_rule *rule);
enum result store_rules_each(struct store *store, store_rule_each *each,
			     void *ctx) SEKISHO_MUST_USE;

/* Grows with each change of the rules; at least 1. */
enum result store_policy_generation(struct store *store, uint64_t *generation) SEKISHO_MUST_USE;

/* Put replaces what is there under the same purpose and id. */
enum result store_key_put(struct store *store, const struct store_key *key) SEKISHO_MUST_USE;
enum result store_key_delete(struct store *store, uint8_t purpose, uint8_t id) SEKISHO_MUST_USE;
typedef bool store_key_each(void *ctx, const struct store_key *key);
enum result store_keys_each(struct store *store, store_key_each *each, void *ctx) SEKISHO_MUST_USE;

/*
 * Between these two nobody else changes the store: to look at the keys and make the missing ones.
 * unlock commits, or undoes unless result is RESULT_OK, and returns what came of it. The functions
 * for keys alone may be called meanwhile.
 */
enum result store_keys_lock(struct store *store) SEKISHO_MUST_USE;
enum result store_keys_unlock(struct store *store, enum result result) SEKISHO_MUST_USE;

/* A name is registered at a gateway: since when (Unix time), and how much it is preferred. */
struct store_location {
	char aor[LIMIT_AOR_BYTES + 1];
	uint8_t gateway;
	uint16_t q_thousandths;
	uint64_t since_s; /* 0: it is no longer registered there */
};

/* All of them or none. */
enum result store_locations_put(struct store *store, const struct store_location *locations,
				size_t count) SEKISHO_MUST_USE;
typedef bool store_location_each(void *ctx, const struct store_location *location);
/* Those that changed after a revision; 0: all. */
enum result store_locations_each(struct store *store, uint64_t after, store_location_each *each,
				 void *ctx) SEKISHO_MUST_USE;

#endif
