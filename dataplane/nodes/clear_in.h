/* The step that lets in what may come outside any SA. */
#ifndef SEKISHO_DATAPLANE_NODES_CLEAR_IN_H
#define SEKISHO_DATAPLANE_NODES_CLEAR_IN_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum clear_in_edge {
	CLEAR_IN_TO_CONTROL,
	CLEAR_IN_SIP_PARSE,
	CLEAR_IN_DROP,
};

/* The packet is a whole UDP datagram for our SIP port. Leaves exactly the SIP payload in the mbuf.
 */
enum clear_in_edge clear_in_step(struct worker *worker, struct packet *packet);

#endif
