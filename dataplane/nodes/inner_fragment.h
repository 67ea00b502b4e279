/* The step that cuts a tunnel's message before it is sealed (docs/protocol.md 1.7). */
#ifndef SEKISHO_DATAPLANE_NODES_INNER_FRAGMENT_H
#define SEKISHO_DATAPLANE_NODES_INNER_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/ip_fragment.h"
#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum inner_fragment_edge { INNER_FRAGMENT_SEAL, INNER_FRAGMENT_DROP };

/* Does the message in packet->mbuf go by a tunnel whose sealed packets would be too long? */
bool inner_fragment_is_needed(const struct worker *worker, const struct packet *packet);

/*
 * Put the inner headers before the message and cut it: contexts for the inner fragments, *count of
 * them, in out; the packet itself and its mbuf are given back. INNER_FRAGMENT_DROP: none was made,
 * packet->drop_reason is set and the packet is still there.
 */
enum inner_fragment_edge inner_fragment_step(struct worker *worker, struct packet *packet,
					     struct packet *out[IP_FRAGMENTS_MAX], size_t *count);

#endif
