/* Where every packet ends that goes no further: counted by its reason. */
#ifndef SEKISHO_DATAPLANE_NODES_DROP_H
#define SEKISHO_DATAPLANE_NODES_DROP_H

#include "dataplane/packet.h"
#include "dataplane/worker.h"

/* Counts packet->drop_reason and frees the mbuf. */
void drop_step(struct worker *worker, struct packet *packet);

#endif
