/* The step that cuts a packet of ours into fragments that fit its path. */
#ifndef SEKISHO_DATAPLANE_NODES_FRAGMENT_H
#define SEKISHO_DATAPLANE_NODES_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/ip_fragment.h"
#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum fragment_edge { FRAGMENT_TX, FRAGMENT_DROP };

/* The most that a packet of this family may have by this port: IPv6 is cut to what every path
 * carries, IPv4 (whose routers cut) to what the port does. */
uint16_t fragment_mtu(const struct worker *worker, uint8_t port, const uint8_t *ip);

/* Is the IP packet in packet->mbuf, to leave by packet->egress.port, too long? */
bool fragment_is_needed(const struct worker *worker, const struct packet *packet);

/*
 * Cut it: contexts for the fragments, *count of them, in out; the packet itself and its mbuf are
 * given back. FRAGMENT_DROP: none was made, packet->drop_reason is set and the packet is still
 * there.
 */
enum fragment_edge fragment_step(struct worker *worker, struct packet *packet,
				 struct packet *out[IP_FRAGMENTS_MAX], size_t *count);

#endif
