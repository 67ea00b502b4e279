/* The step round ESP's sealing: what came of it for the packet. */
#ifndef SEKISHO_DATAPLANE_NODES_ESP_SEAL_H
#define SEKISHO_DATAPLANE_NODES_ESP_SEAL_H

#include "dataplane/esp/seal.h"
#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum esp_seal_edge {
	ESP_SEAL_EDGE_TX,
	ESP_SEAL_EDGE_FRAGMENT,
	ESP_SEAL_EDGE_INNER_FRAGMENT, /* before sealing */
	ESP_SEAL_EDGE_DROP,
};

/* Take in what esp_seal_burst() made of the packet. */
enum esp_seal_edge esp_seal_step(struct worker *worker, struct packet *packet,
				 const struct esp_seal_packet *sealed);

#endif
