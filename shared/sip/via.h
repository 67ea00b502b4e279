/* A Via entry: who sent the message, and where the response goes (RFC 3261 20.42, RFC 3581). */
#ifndef SEKISHO_SHARED_SIP_VIA_H
#define SEKISHO_SHARED_SIP_VIA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

/* Slices of the entry; what is absent has length 0. */
struct sip_via {
	struct slice text;	    /* the whole entry, whitespace at the ends taken off */
	struct slice protocol;	    /* "SIP" and its version, as written, spaces possible */
	struct slice transport;	    /* "UDP" */
	struct slice sent_by;	    /* host and port as written */
	struct slice host;	    /* IPv6 in its brackets */
	struct sip_address address; /* what host says, no port; family 0: it is a name */
	struct slice branch;
	struct slice received;
	struct slice rport;	 /* its value: empty in a request that asks for it */
	struct slice rport_text; /* "rport" or "rport=5060" */
	struct slice sk;	 /* our own parameter: what a response proves itself by */
	uint16_t port;		 /* of sent-by, 0 if none is given */
	bool has_rport;
};

/* A host whose address is known by its text, so that it need not be read. */
struct sip_known_host {
	struct slice text;		   /* empty: none is known */
	const struct sip_address *address; /* its port is no matter */
};

/*
 * Takes one entry apart. RESULT_BAD where the grammar breaks, and where branch, received, rport
 * or sk stand twice: such an entry can be read in two ways.
 */
SEKISHO_MUST_USE enum result sip_via_parse(struct slice text, struct sip_via *out);

/* One change to an entry: at offset remove bytes go, text takes their place. */
struct sip_via_patch {
	uint16_t offset; /* from the entry's first byte */
	uint16_t remove;
	uint16_t len;
	char text[SIP_IPV6_CHARS + 32]; /* ";received=", ";rport=" and what they are */
};

#define SIP_VIA_PATCHES 2

/*
 * What must change in the entry of a request that came from source: rport gets the port (RFC
 * 3581 4), received the address if rport was asked for or the host is another (RFC 3261
 * 18.2.1). Patches in ascending order, how many returned: 0 to 2. host is the canonical text of
 * source's address without brackets, where it is at hand; else empty.
 */
unsigned sip_via_stamp(const struct sip_via *via, const struct sip_address *source,
		       struct slice host, struct sip_via_patch patches[SIP_VIA_PATCHES]);

#endif
