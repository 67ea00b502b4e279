/* The step that puts UDP and IP before a SIP message that leaves outside any SA. */
#ifndef SEKISHO_DATAPLANE_NODES_CLEAR_OUT_H
#define SEKISHO_DATAPLANE_NODES_CLEAR_OUT_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum clear_out_edge {
	CLEAR_OUT_TX,
	CLEAR_OUT_FRAGMENT,
	CLEAR_OUT_DROP,
};

/* The mbuf holds exactly the message; packet->egress says from where to where. */
enum clear_out_edge clear_out_step(struct worker *worker, struct packet *packet);

#endif
