/* The step that tells ESP and SIP for the gateway from what is the kernel's. */
#ifndef SEKISHO_DATAPLANE_NODES_CLASSIFY_H
#define SEKISHO_DATAPLANE_NODES_CLASSIFY_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum classify_edge {
	CLASSIFY_ESP_OPEN,
	CLASSIFY_CLEAR_IN,
	CLASSIFY_REASSEMBLE,
	CLASSIFY_EXCEPTION,
	CLASSIFY_DROP,
};

/* The mbuf's data is an Ethernet frame from packet->port. Sets the outer addresses and offsets. */
enum classify_edge classify_step(struct worker *worker, struct packet *packet);

#endif
