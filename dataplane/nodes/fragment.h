/* The step that cuts a packet of ours into fragments that fit its path. */
#ifndef SEKISHO_DATAPLANE_NODES_FRAGMENT_H
#define SEKISHO_DATAPLANE_NODES_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_fragment.h"
#include "dataplane/packet.h"
#include "dataplane/worker.h"
#include "shared/result.h"

enum fragment_edge { FRAGMENT_TX, FRAGMENT_DROP };

/* The longest outer packet that the path of the SA of packet->egress carries, as far as is known; and
 * a note that it is worth knowing better. */
uint16_t fragment_path(const struct worker *worker, const struct packet *packet);

/*
 * Is the IP packet in packet->mbuf, to leave by packet->egress, too long? By an SA: for its path.
 * Outside any: for what every path carries (RFC 8200 5) where nobody on the way may cut it, else
 * (IPv4 without DF) for the port.
 */
bool fragment_is_needed(const struct worker *worker, const struct packet *packet);

/*
 * Cut the IP packet in packet->mbuf into fragments of at most mtu bytes: contexts for them, *count,
 * in out, to leave as packet does; the packet itself and its mbuf are given back. DROP_NONE, or why
 * none was made: packet_too_long, buffers_exhausted, and the packet is still there.
 */
enum drop_reason fragment_cut(struct worker *worker, struct packet *packet, uint16_t mtu,
			      struct packet *out[IP_FRAGMENTS_MAX],
			      size_t *count) SEKISHO_MUST_USE;

/* The same to what fragment_is_needed() looks at. FRAGMENT_DROP: packet->drop_reason is set. */
enum fragment_edge fragment_step(struct worker *worker, struct packet *packet,
				 struct packet *out[IP_FRAGMENTS_MAX], size_t *count);

#endif
