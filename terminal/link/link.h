/* The secure signalling channel: SAs over the sockets, SIP messages in and out. */
#ifndef SEKISHO_TERMINAL_LINK_LINK_H
#define SEKISHO_TERMINAL_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/initiator.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "terminal/esp/channel.h"
#include "terminal/link/sockets.h"

/* How long packets under replaced keys are still taken. */
#define LINK_OLD_SA_MS 60000

#define LINK_INBOUND 4 /* the current one, and those replaced within LINK_OLD_SA_MS */

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
	uint64_t refused;		      /* packets that were not authentic, or not SIP */
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

/* Drops SAs whose time is over. */
void link_tick(struct link *link, uint64_t now_ms);

/* A SIP message through the channel; RESULT_NOT_FOUND without one, RESULT_STALE, RESULT_IO. */
SEKISHO_MUST_USE enum result link_send(struct link *link, struct slice message);

/*
 * The SIP message in an ESP packet, within its bytes; RESULT_DENIED for any that is not right.
 * Which of the two ways it came (is_encap) must be the one agreed.
 */
SEKISHO_MUST_USE enum result link_open(struct link *link, const struct received *packet,
				       bool is_encap, struct slice *message);

#endif
