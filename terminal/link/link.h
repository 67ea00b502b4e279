/* The secure signalling channel: SAs over the sockets, SIP messages in and out. */
#ifndef SEKISHO_TERMINAL_LINK_LINK_H
#define SEKISHO_TERMINAL_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/initiator.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "shared/keyexchange/random.h"
#include "terminal/esp/channel.h"
#include "terminal/esp/inner_fragments.h"
#include "terminal/esp/where.h"
#include "terminal/link/sockets.h"

/* How long packets under replaced keys are still taken. */
#define LINK_OLD_SA_MS 60000

#define LINK_INBOUND 4 /* the current one, and those replaced within LINK_OLD_SA_MS */

/* A tunnel that has been silent for so long sends one byte, which keeps a NAT's door open. */
#define LINK_KEEP_OPEN_MS 20000

/* In a tunnel the gateway is asked so often from where it sees us; if it does not answer, a few
 * times. */
#define LINK_WHERE_MS	    15000
#define LINK_WHERE_AGAIN_MS 1500 /* it answers once a second */
#define LINK_WHERE_TRIES    3

/* What stands before ESP in a tunnel's packet: IPv6 and UDP. */
#define LINK_OUTER_BYTES 48

struct link_inbound {
	struct esp_inbound *sa;
	uint64_t end_ms;
};

struct link {
	const struct sockets *sockets;
	struct sip_address own;		      /* inner, with port */
	struct sip_address gateway;	      /* port 5060 */
	bool is_tunnel;			      /* mode udp-tunnel, else transport */
	struct esp_outbound *out;	      /* NULL: no channel */
	struct link_inbound in[LINK_INBOUND]; /* newest first */
	struct inner_fragments fragments;     /* that have come and are not whole */
	uint32_t fragment_id;		      /* of the last message that was cut */
	uint64_t now_ms;		      /* of the last tick */
	uint64_t keep_open_ms;		      /* a tunnel's next keepalive */
	uint64_t refused;		      /* packets that were not authentic, or not SIP */
	uint64_t probes;		      /* answered */
	struct sip_address seen; /* where the gateway sees a tunnel's end; family 0: not known */
	uint64_t where_ms;	 /* when it is asked next */
	unsigned where_tries;	 /* without answer */
	uint8_t where_cookie[WHERE_COOKIE_BYTES];
	struct random_source random;
};

static inline bool link_is_up(const struct link *link)
{
	return link->out != NULL;
}

/*
 * Takes a new pair of SAs into use: sends on it from now on, takes packets of the older ones for
 * LINK_OLD_SA_MS. RESULT_BAD for a mode that cannot be (udp-tunnel without its port),
 * RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result link_install(struct link *link, const struct initiator_sa *sa,
					  uint64_t now_ms);

/* Forgets all SAs. */
void link_down(struct link *link);

/* Drops SAs whose time is over, keeps a NAT's door open and learns where it is; to be called by
 * link_deadline. */
void link_tick(struct link *link, uint64_t now_ms);

static inline uint64_t link_deadline(const struct link *link)
{
	if (!link->out || !link->is_tunnel)
		return UINT64_MAX;
	return link->keep_open_ms < link->where_ms ? link->keep_open_ms : link->where_ms;
}

/* A SIP message through the channel; RESULT_NOT_FOUND without one, RESULT_STALE, RESULT_IO. */
SEKISHO_MUST_USE enum result link_send(struct link *link, struct slice message);

/*
 * The SIP message in an ESP packet, good until the next call; RESULT_MORE: it was a dummy (a probe
 * was answered), or other fragments are missing; RESULT_DENIED for any that is not right.
 * Which of the two ways it came (is_encap) must be the one agreed.
 */
SEKISHO_MUST_USE enum result link_open(struct link *link, const struct received *packet,
				       bool is_encap, struct slice *message);

#endif
