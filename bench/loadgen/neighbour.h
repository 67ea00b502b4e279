/*
 * What a router on the generator's side of the wire says and asks: ARP (RFC 826) and neighbour
 * discovery (RFC 4861 4.3, 4.4) for one address, since no kernel is behind a generator's port.
 */
#ifndef SEKISHO_BENCH_LOADGEN_NEIGHBOUR_H
#define SEKISHO_BENCH_LOADGEN_NEIGHBOUR_H

#include <rte_ether.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"

#define NEIGHBOUR_FRAME_BYTES 86 /* Ethernet, IPv6, solicitation with an option */

struct neighbour {
	struct rte_ether_addr own;
	struct contract_address router;	 /* us, to the gateway */
	struct contract_address gateway; /* whose MAC we need */
	struct rte_ether_addr gateway_mac;
	bool is_known;
};

/* Is the frame ARP or neighbour discovery? Whatever else came is no affair of this. */
bool neighbour_is_frame(const uint8_t *frame, size_t length);

/*
 * Take note of such a frame; an answer to it is written to `answer`: its length, 0 if none is due.
 */
size_t neighbour_take(struct neighbour *neighbour, const uint8_t *frame, size_t length,
		      uint8_t answer[NEIGHBOUR_FRAME_BYTES]);

/* A question for the gateway's MAC: its length. */
size_t neighbour_ask(const struct neighbour *neighbour, uint8_t frame[NEIGHBOUR_FRAME_BYTES]);

#endif
