/* The step that hands SIP for the gateway itself to the control plane. */
#ifndef SEKISHO_DATAPLANE_NODES_TO_CONTROL_H
#define SEKISHO_DATAPLANE_NODES_TO_CONTROL_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum to_control_edge {
	TO_CONTROL_DROP,
	TO_CONTROL_REPLY,
	TO_CONTROL_TAKEN, /* no edge: the ring took the mbuf, with its note */
};

enum to_control_edge to_control_step(struct worker *worker, struct packet *packet);

#endif
