/* Fields of a request, checked; what is wrong is answered at once. */
#ifndef SEKISHO_CONTROLPLANE_CTL_FIELDS_H
#define SEKISHO_CONTROLPLANE_CTL_FIELDS_H

#include "controlplane/ctl/server.h"
#include "controlplane/store/store.h"
#include "shared/keyexchange/scram.h"

/* Each returns false after it has answered the reply with an error. */

/* A text without NUL of 1 to max bytes; borrowed from the request. */
bool field_text(const json_t *request, const char *name, size_t max, const char **out,
		struct ctl_reply *reply);

/* Like field_text(), with a default for one that is not there. */
bool field_text_or(const json_t *request, const char *name, size_t max, const char *otherwise,
		   const char **out, struct ctl_reply *reply);

/* An AOR, brought into canonical form. */
bool field_aor(const json_t *request, const char *name, char out[LIMIT_AOR_BYTES + 1],
	       struct ctl_reply *reply);

/* A whole number; otherwise is taken if it is not there. */
bool field_number(const json_t *request, const char *name, int64_t min, int64_t max,
		  const int64_t *otherwise, int64_t *out, struct ctl_reply *reply);

/* Bytes in base64url, min to max of them. */
bool field_bytes(const json_t *request, const char *name, uint8_t *out, size_t min, size_t max,
		 size_t *length, struct ctl_reply *reply);

/* "salt", "iterations", "stored_key", "server_key", bytes in base64url. */
bool field_verifier(const json_t *request, struct scram_verifier *out, struct ctl_reply *reply);

/* Answer with what a result of the store means; missing and there are sentences for two of them. */
void reply_store_error(struct store *store, enum result result, const char *missing,
		       const char *there, struct ctl_reply *reply);

#endif
