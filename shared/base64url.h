/* Base64 (RFC 4648): the URL alphabet without padding, and the plain one with padding. */
#ifndef SEKISHO_SHARED_BASE64URL_H
#define SEKISHO_SHARED_BASE64URL_H

#include "shared/result.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* Characters that len bytes take. */
#define BASE64URL_CHARS(len) (((len)*4 + 2) / 3)
#define BASE64_CHARS(len)    (((len) + 2) / 3 * 4)

/* RFC 4648 5, no padding: values of sk=, tokens and branches. */
void base64url_encode(struct writer *w, const void *at, size_t len);

/* RFC 4648 4, padded: SCRAM (RFC 5802 5.1). */
void base64_encode(struct writer *w, const void *at, size_t len);

/*
 * Strict: one text for one value. A foreign character, a length of 4n+1, bits left over that
 * are not zero, wrong or missing padding: RESULT_BAD. More than cap bytes: RESULT_SPACE.
 * On success out_len bytes stand in out; otherwise out holds nothing to rely on.
 */
SEKISHO_MUST_USE enum result base64url_decode(struct slice text, void *out, size_t cap,
					      size_t *out_len);
SEKISHO_MUST_USE enum result base64_decode(struct slice text, void *out, size_t cap,
					   size_t *out_len);

#endif
