/* Passwords: made, or taken from a prompt or standard input, and turned into what a store may have.
 */
#ifndef SEKISHO_CONTROLPLANE_CLI_PASSWORD_H
#define SEKISHO_CONTROLPLANE_CLI_PASSWORD_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/result.h"

/* Longest password, with its terminator. */
#define PASSWORD_BYTES 256

/* 128 bits from the system's generator, as 22 characters of base64url. */
SEKISHO_MUST_USE enum result password_generate(char out[PASSWORD_BYTES]);

/* One line. RESULT_BAD: empty, too long, or with control characters; RESULT_IO: nothing there. */
SEKISHO_MUST_USE enum result password_read(FILE *from, char out[PASSWORD_BYTES]);

/* Asked for twice at the terminal without echo. RESULT_DENIED: the two differ. */
SEKISHO_MUST_USE enum result password_prompt(const char *whose, char out[PASSWORD_BYTES]);

/* Add salt, iterations, StoredKey and ServerKey (RFC 5802 3) to a request; never the password. */
SEKISHO_MUST_USE enum result password_add_verifier(const char *password, uint32_t iterations,
						   json_t *request);

/* Add the digest (RFC 8760) of "id" of the request, in this realm, to it. RESULT_IO. */
SEKISHO_MUST_USE enum result password_add_digest(const char *password, const char *realm,
						 json_t *request);

#endif
