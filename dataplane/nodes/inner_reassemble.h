/* The step that puts the inner fragments of a tunnel's SA together. */
#ifndef SEKISHO_DATAPLANE_NODES_INNER_REASSEMBLE_H
#define SEKISHO_DATAPLANE_NODES_INNER_REASSEMBLE_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum inner_reassemble_edge {
	INNER_REASSEMBLE_SIP, /* the datagram is whole: packet->mbuf and sip are its message */
	INNER_REASSEMBLE_DROP,
	INNER_REASSEMBLE_KEPT, /* no edge: the fragment was taken in, its mbuf is gone */
};

/* packet->mbuf holds an inner IP fragment of packet->sa_handle's, authentic. */
enum inner_reassemble_edge inner_reassemble_step(struct worker *worker, struct packet *packet);

#endif
