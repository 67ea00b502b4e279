/* What is sealed in a cookie, byte by byte. */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_COOKIE_TEXT_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_COOKIE_TEXT_H

#include "controlplane/keyexchange/cookie.h"

enum cookie_kind { COOKIE_EXCHANGE = 1, COOKIE_ADDRESS };

/* Longest: with a subscriber id of LIMIT_AOR_BYTES. */
#define COOKIE_TEXT_BYTES 512

struct cookie_text {
	enum cookie_kind kind;
	uint64_t expires_ms;
	struct cookie_source source;
	struct cookie cookie; /* of COOKIE_EXCHANGE; its source is the one above */
};

/* A full writer shows in w. */
void cookie_text_write(struct writer *w, const struct cookie_text *text);

/* RESULT_BAD for anything that cookie_text_write does not write. */
SEKISHO_MUST_USE enum result cookie_text_parse(struct slice bytes, struct cookie_text *out);

#endif
