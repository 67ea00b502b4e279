/* SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966): their parts, and when two are the same. */
#ifndef SEKISHO_SHARED_SIP_URI_H
#define SEKISHO_SHARED_SIP_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "shared/writer.h"

enum sip_scheme {
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL,
	SIP_SCHEME_URN,	  /* urn:service:sos and its kind (RFC 5031) */
	SIP_SCHEME_OTHER, /* legal, but nothing we route: 416 */
};

/* Slices of the text; a part that is absent has length 0. */
struct sip_uri {
	enum sip_scheme scheme;
	bool has_password; /* "user:@host" has an empty one */
	bool is_canonical; /* user@host as it stands is the canonical AOR; false: not known */
	uint16_t port;	   /* 0: none given */
	struct slice text; /* the whole */
	struct slice user; /* sip, sips: escapes as written; tel: the number; else all after ":" */
	struct slice password;
	struct slice host;    /* IPv6 in its brackets; empty unless sip or sips */
	struct slice params;  /* from the first ";" */
	struct slice headers; /* after the "?" */
};

/* Parameters or headers of one URI that sip_uri_is_equal compares; more are never equal. */
#define SIP_URI_COMPARED_MAX 32

/*
 * Takes a whole URI apart: RESULT_OK, or RESULT_BAD and nothing in out to rely on. A percent
 * sign needs its two digits. Let pass beyond the grammar: "#" in a user part (telephones send it)
 * and "_" in a host.
 */
SEKISHO_MUST_USE enum result sip_uri_parse(struct slice text, struct sip_uri *out);

/*
 * Past the parameters at at: *(";" name ["=" value]), names and values of one character or more;
 * NULL where one is empty or an escape is broken.
 */
const char *sip_uri_params_skip(const char *at, const char *end);

/*
 * The identity that a URI names, one text for all its spellings (RFC 3261 19.1.4, RFC 3966 4):
 *
 *   sip, sips   user@host, or host alone: the user with every escape of an unreserved character
 *               undone and the other escapes in upper case, ":password" kept (another
 *               identity), the host in lower case, IPv6 per RFC 5952. sip and sips are the same
 *               identity (RFC 5630 3.3). A port that is not the scheme's own (5060, 5061) stays
 *               as ":port": another identity. Parameters and headers play no part: maddr and
 *               transport are ignored in look-ups.
 *   tel         "tel:" and the number without visual separators in lower case, then ext, isub
 *               and phone-context, in this order
 *   urn         in lower case
 *
 * RESULT_BAD for other schemes and a tel number or its parameter without value; a full writer shows
 * in w.
 */
SEKISHO_MUST_USE enum result sip_uri_canonical_aor(const struct sip_uri *uri, struct writer *w);

/* The same into room, which *aor then borrows from. RESULT_BAD; RESULT_SPACE: longer, no identity. */
SEKISHO_MUST_USE enum result sip_uri_aor(const struct sip_uri *uri, char room[LIMIT_AOR_BYTES],
					 struct slice *aor);

/* Are they equal by RFC 3261 19.1.4 (sip, sips), else by their canonical form or bytes? */
bool sip_uri_is_equal(const struct sip_uri *a, const struct sip_uri *b);

/* Is it what an anonymous caller writes (RFC 3323 4.1.1.3)? */
bool sip_uri_is_anonymous(const struct sip_uri *uri);

/* A URI parameter's value by its name in lower case; false if it is not there. */
bool sip_uri_param(const struct sip_uri *uri, struct slice name, struct slice *value);

#endif
