/* The step that takes in what the control lcore has sent. */
#ifndef SEKISHO_DATAPLANE_NODES_INJECT_H
#define SEKISHO_DATAPLANE_NODES_INJECT_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum inject_edge {
	INJECT_ESP_SEAL,
	INJECT_CLEAR_OUT,
	INJECT_TX,
	INJECT_SIP_PARSE,
};

/* Sets packet->egress from the mbuf's note, or, of what comes in by way of the control plane, where
 * it came from. */
enum inject_edge inject_step(struct worker *worker, struct packet *packet);

#endif
