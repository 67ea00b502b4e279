/*
 * Cookies: what the gateway knows of an exchange between messages 2 and 3, sealed and left with
 * the terminal, so that it keeps nothing itself. Also the cookie of a flood, which holds nothing
 * but an address. Keys are made at start, never written, renewed, and erased one cookie lifetime
 * after.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_COOKIE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/messages.h"
#include "shared/keyexchange/random.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "shared/writer.h"

#define COOKIE_ID_BYTES	       12
#define COOKIE_NAME_HASH_BYTES 16
#define COOKIE_LIFETIME_MS_MAX 60000
#define COOKIE_KEY_MS	       60000 /* a new key this often */

/* Where a message came from: a clear address, or an address inside an SA. */
struct cookie_source {
	struct sip_address address;
	uint32_t sa_index; /* 0: in the clear */
	uint8_t sa_generation;
};

struct cookie {
	uint8_t h12[KDF_HASH_BYTES];
	uint8_t ni[SCHEDULE_NONCE_BYTES];
	uint8_t ng[SCHEDULE_NONCE_BYTES];
	uint8_t share[X25519_SHARE_BYTES]; /* the terminal's */
	uint32_t share_epoch;		   /* of ours */
	struct cookie_source source;
	enum suite suite;
	enum keyexchange_mode mode;
	bool is_by_certificate;
	struct sip_address inner;		   /* the terminal's inside the SA to be */
	uint8_t domain;				   /* index of ours that message 1 was for */
	uint8_t name_hash[COOKIE_NAME_HASH_BYTES]; /* of canonical AOR and subscriber id */
	char subscriber[LIMIT_AOR_BYTES];	   /* empty: equal to the AOR */
	size_t subscriber_len;
};

struct cookie_jar;

/* lifetime_ms: 1..COOKIE_LIFETIME_MS_MAX. RESULT_BAD, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result cookie_jar_create(uint64_t lifetime_ms, struct random_source random,
					       struct cookie_jar **out);
void cookie_jar_destroy(struct cookie_jar *jar);

/* Writes a cookie's text. RESULT_SPACE beyond KEYEXCHANGE_COOKIE_CHARS, RESULT_IO. */
SEKISHO_MUST_USE enum result cookie_seal(struct cookie_jar *jar, uint64_t now_ms,
					 const struct cookie *cookie, struct writer *w);

/*
 * RESULT_OK with the cookie, its id (unique among those that live) and the time from which it is
 * void; RESULT_STALE if it has expired, RESULT_DENIED if it is not ours or came from another
 * source than it was given to.
 */
SEKISHO_MUST_USE enum result cookie_open(const struct cookie_jar *jar, uint64_t now_ms,
					 struct slice text, const struct cookie_source *source,
					 struct cookie *out, uint8_t id[COOKIE_ID_BYTES],
					 uint64_t *expires_ms);

/* The same for the cookie of a flood: it proves its source and nothing else. */
SEKISHO_MUST_USE enum result cookie_seal_address(struct cookie_jar *jar, uint64_t now_ms,
						 const struct cookie_source *source,
						 struct writer *w);
SEKISHO_MUST_USE enum result cookie_open_address(const struct cookie_jar *jar, uint64_t now_ms,
						 struct slice text,
						 const struct cookie_source *source);

/* Erases keys that are done with; to be called now and then. */
void cookie_jar_expire(struct cookie_jar *jar, uint64_t now_ms);

#endif
