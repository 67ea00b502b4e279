/* How a terminal judges a series of Route-Security entries (P13, P14; docs/protocol.md 2). */
#ifndef SEKISHO_TERMINAL_UA_SERIES_H
#define SEKISHO_TERMINAL_UA_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/route_security.h"
#include "shared/writer.h"

enum series_trust {
	SERIES_TRUST_CHAIN,  /* each node vouches for the one before: look at the nearest only */
	SERIES_TRUST_SERIES, /* look at every entry */
};

struct series_policy {
	enum series_trust trust;
	uint8_t level_min; /* of each entry that is looked at */
};

/* The secure signalling channel as the entries describe it; ports play no part. */
struct series_link {
	struct sip_address own; /* our inner address */
	struct sip_address gateway;
	uint8_t level; /* of the SA */
	struct sip_address host; /* where we are out there, for media that goes round the channel */
};

enum series_fault {
	SERIES_FAULT_NONE,
	SERIES_FAULT_MISSING, /* the gateway's entry is not there */
	SERIES_FAULT_GATEWAY, /* what stands in its place is another node's, or another level */
	SERIES_FAULT_OWN,     /* a response does not end with what we sent */
	SERIES_FAULT_MALFORMED,
	SERIES_FAULT_GAP,   /* an entry without level: that hop did not say how it sent */
	SERIES_FAULT_LEVEL, /* a level below our minimum */
	SERIES_FAULT_COUNT,
};

struct series_finding {
	enum series_fault fault;
	unsigned entry; /* the one it is about, newest first; meaningless for NONE and MISSING */
};

/* A request that came through the channel. */
struct series_finding series_judge_request(const struct series_policy *policy,
					   const struct series_link *link,
					   const struct sip_route_security *series);

/*
 * A response to a request that left with sent (one entry, unless a test forged more). status and
 * is_invite decide what may be missing: a 100 all, a 502 all, a response that the gateway made its
 * own entry, but never in a 2xx to an INVITE.
 */
struct series_finding series_judge_response(const struct series_policy *policy,
					    const struct series_link *link,
					    const struct sip_route_security *sent,
					    const struct sip_route_security *series,
					    unsigned status, bool is_invite);

/* One sentence without full stop that names the fault and the entry: for people and Warning. */
void series_finding_write(const struct series_finding *finding,
			  const struct sip_route_security *series, struct writer *w);

/*
 * The way of a request as a picture, oldest node first:
 * "user-a@abc.com [2001:1234::10] ==3==> [2001:6789::5060] ==3==> user-b@xyz.com"; "==" stands for
 * integrity or more, "--" for less, "?" for a gap.
 */
void series_draw(const struct sip_route_security *series, struct slice from, struct slice to,
		 struct writer *w);

#endif
