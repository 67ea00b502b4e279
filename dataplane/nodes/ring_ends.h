/* The steps that hand a packet to another lcore by a ring, where its way in this graph ends. */
#ifndef SEKISHO_DATAPLANE_NODES_RING_ENDS_H
#define SEKISHO_DATAPLANE_NODES_RING_ENDS_H

#include <stdbool.h>

#include "dataplane/packet.h"
#include "dataplane/worker.h"

/* Each: true if the ring took the mbuf, with its note; else packet->drop_reason is set. */

/* As it came in, to the worker that owns the SA of packet->sa_handle. */
bool handoff_step(struct worker *worker, struct packet *packet);
/* The frame as it came in, for the kernel. */
bool exception_step(struct worker *worker, struct packet *packet);
/* The message, to be sent to egress.peer_index over TLS by the control plane. */
bool to_peer_tls_step(struct worker *worker, struct packet *packet);
/* The IP packet, to wait until the kernel has found the neighbour egress.destination. */
bool unresolved_step(struct worker *worker, struct packet *packet);

#endif
