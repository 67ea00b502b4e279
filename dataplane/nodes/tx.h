/* The step that addresses a packet to its next hop. */
#ifndef SEKISHO_DATAPLANE_NODES_TX_H
#define SEKISHO_DATAPLANE_NODES_TX_H

#include <stdbool.h>

#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum tx_edge {
	TX_UNRESOLVED,
	TX_DROP,
	TX_SEND, /* no edge: the frame is whole and leaves by packet->egress.port */
};

/* The mbuf holds an IP packet, or with is_framed an Ethernet frame. */
enum tx_edge tx_step(struct worker *worker, struct packet *packet);

/* Gives the ports what waits for them. Does anything still, of a port that is worth waiting for? */
bool tx_waiting_send(struct worker *worker);

#endif
