/* The step that puts fragments of ESP together. */
#ifndef SEKISHO_DATAPLANE_NODES_REASSEMBLE_H
#define SEKISHO_DATAPLANE_NODES_REASSEMBLE_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum reassemble_edge {
	REASSEMBLE_CLASSIFY, /* the datagram is whole: packet->mbuf is its frame */
	REASSEMBLE_DROP,
	REASSEMBLE_KEPT, /* no edge: the fragment was taken in, its mbuf is gone */
};

enum reassemble_edge reassemble_step(struct worker *worker, struct packet *packet);

/* Count what the worker's reassembly has given up since it was last asked. */
void reassemble_late_count(struct worker *worker);

#endif
