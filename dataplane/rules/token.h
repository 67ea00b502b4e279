/*
 * What a gateway would have to remember of a dialog, in the user part of its Record-Route URI under
 * a MAC instead (docs/protocol.md 3.5): who called whom, over which legs.
 */
#ifndef SEKISHO_DATAPLANE_RULES_TOKEN_H
#define SEKISHO_DATAPLANE_RULES_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/rules/leg.h"
#include "dataplane/tables/key_table.h"
#include "shared/base64url.h"
#include "shared/result.h"
#include "shared/sip/method.h"
#include "shared/slice.h"
#include "shared/writer.h"

#define TOKEN_MAC_BYTES KEYED_HASH_MAC_BYTES
#define TOKEN_BYTES_MAX (1 + 4 + 1 + 2 * LEG_BYTES_MAX + TOKEN_MAC_BYTES)
#define TOKEN_CHARS_MAX BASE64URL_CHARS(TOKEN_BYTES_MAX)

enum token_method { TOKEN_NONE, TOKEN_INVITE, TOKEN_SUBSCRIBE, TOKEN_REFER };

/* TOKEN_NONE for a method that forms no dialog. */
enum token_method token_method_of(enum sip_method method);

struct token {
	uint8_t key_id;
	uint8_t method;	   /* enum token_method */
	uint32_t issued_s; /* Unix time */
	struct leg caller;
	struct leg callee;
	uint8_t length; /* of bytes */
	uint8_t bytes[TOKEN_BYTES_MAX];
};

/* The dialog it is bound to, seen from the caller: whose From tag is `tag`. */
struct token_dialog {
	struct slice call_id;
	struct slice tag;
	struct slice caller; /* canonical URI of the first request's From */
	struct slice callee; /* and of its To */
};

/* A new token, all but its MAC: only bytes and length are set. */
void token_make(struct token *token, const struct rotating_key *key, enum token_method method,
		uint64_t now_s, const struct leg *caller, const struct leg *callee);

/* The hash that is its MAC for this dialog; the caller finishes it. */
void token_proof_begin(const struct token *token, const struct rotating_key *key,
		       const struct token_dialog *dialog, struct keyed_hash *hash);

/* Takes the finished MAC in. */
void token_seal(struct token *token, const struct keyed_hash *hash);

/* Writes a sealed one (base64url). */
void token_write(const struct token *token, struct writer *w);

/* RESULT_OK, or RESULT_BAD: no token. Nothing is proven yet. */
enum result token_read(struct slice text, struct token *out) SEKISHO_MUST_USE;

/* Is the finished MAC the one that it came with? */
bool token_is_proven(const struct token *token, const struct keyed_hash *hash);

/* Does the MAC hold for this dialog? RESULT_OK or RESULT_DENIED. */
enum result token_verify(const struct rotating_key *key, const struct token *token,
			 const struct token_dialog *dialog) SEKISHO_MUST_USE;

/* May a request of this method go by the token (docs/protocol.md 3.5)? */
bool token_admits(const struct token *token, enum sip_method method);

#endif
