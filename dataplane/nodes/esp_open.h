/* The step round ESP's opening: what its verdict means for the packet. */
#ifndef SEKISHO_DATAPLANE_NODES_ESP_OPEN_H
#define SEKISHO_DATAPLANE_NODES_ESP_OPEN_H

#include "dataplane/esp/open.h"
#include "dataplane/packet.h"
#include "dataplane/worker.h"

enum esp_open_edge {
	ESP_OPEN_EDGE_SIP,
	ESP_OPEN_EDGE_HANDOFF,
	ESP_OPEN_EDGE_FRAGMENT,
	ESP_OPEN_EDGE_PROBE, /* of esp_open_probe()'s and esp_open_answer()'s packets only */
	ESP_OPEN_EDGE_DROP,
};

/* Take in what esp_open_burst() said of the packet. */
enum esp_open_edge esp_open_step(struct worker *worker, struct packet *packet,
				 const struct esp_open_packet *opened);

/* The mbuf is SIP of packet->sa_handle's: tag it and say so. */
void esp_open_admit(const struct worker *worker, struct packet *packet);

/*
 * What goes back to where this packet came from, wherever the SA goes: a probe if it has moved, the
 * answer if it asks from where it is seen. NULL: there is no room, and there will be others.
 */
struct packet *esp_open_probe(struct worker *worker, const struct esp_open_packet *opened);

/*
 * The answer to a gateway that asks about its path, by the SA that this worker sends to it by. NULL: there
 * is none, or no room.
 */
struct packet *esp_open_answer(struct worker *worker, const struct esp_open_packet *opened);

#endif
