/* From, To, Contact, Route and their kind: a URI, perhaps a display name, parameters. */
#ifndef SEKISHO_SHARED_SIP_NAME_ADDR_H
#define SEKISHO_SHARED_SIP_NAME_ADDR_H

#include <stdbool.h>

#include "shared/result.h"
#include "shared/sip/uri.h"
#include "shared/slice.h"

/* One value (RFC 3261 20.10); its parts are slices of it. */
struct sip_name_addr {
	struct slice text;    /* the whole, whitespace at the ends taken off */
	struct slice display; /* as written, quotes included; empty if there is none */
	struct slice uri;     /* without the angle brackets */
	struct slice params;  /* header parameters, from the first ";" or the space before it */
	bool has_angles;
};

/*
 * Takes one value apart; RESULT_BAD for an open quote or bracket, a display name that needs
 * quotes, or a bare URI with "?" or ",". Neither the URI nor the parameters are looked into.
 */
SEKISHO_MUST_USE enum result sip_name_addr_parse(struct slice text, struct sip_name_addr *out);

/* A parameter's value by name, case aside: RESULT_NOT_FOUND, or RESULT_BAD if the grammar breaks
 * before it is found. */
SEKISHO_MUST_USE enum result sip_name_addr_param(const struct sip_name_addr *addr,
						 struct slice name, struct slice *value);

/* A From or To value, all of it looked into. */
struct sip_party {
	struct slice display; /* as in sip_name_addr */
	struct sip_uri uri;
	struct slice tag; /* empty if there is none */
};

/* RESULT_BAD also for a URI or parameters that do not parse, and for a tag twice or empty. */
SEKISHO_MUST_USE enum result sip_party_parse(struct slice text, struct sip_party *out);

#endif
