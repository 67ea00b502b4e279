/* A session description (RFC 8866) taken apart as far as its media's addresses, and written anew.
 */
#ifndef SEKISHO_TERMINAL_MEDIA_DESCRIPTION_H
#define SEKISHO_TERMINAL_MEDIA_DESCRIPTION_H

#include <stdbool.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* Media lines of one description; a phone has one or two. */
#define DESCRIPTION_MEDIA 4

struct description_medium {
	struct sip_address address; /* with port; the port is 0 where the medium is refused */
	bool is_datagrams;	    /* RTP, UDP or UDPTL: what can be carried packet by packet */
	bool is_held;		    /* address 0.0.0.0 or ::, the old way to say hold */
};

struct description {
	unsigned count;
	bool is_held; /* the session's address, which media without their own have */
	struct description_medium media[DESCRIPTION_MEDIA];
};

/* RESULT_BAD for what does not parse, a medium without address; RESULT_SPACE for too many media. */
SEKISHO_MUST_USE enum result description_read(struct slice sdp, struct description *out);

/*
 * Writes the same with other addresses: media[i] takes the place of medium i (its port too, if it
 * is of datagrams and not refused), media[0]'s host that of origin and session. Lines that name
 * further addresses (ICE candidates, a=rtcp) are left out: those are not where the media are. The
 * origin's version is that of the description and ahead more (RFC 3264 8: what changes has a new
 * one).
 */
void description_write(struct slice sdp, const struct description *was,
		       const struct sip_address *media, unsigned ahead, struct writer *w);

#endif
