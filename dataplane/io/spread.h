/*
 * How a port spreads what it receives over the workers' queues, by what its device can: on the SPI,
 * where it knows ESP; else on addresses and ports, where all of a gateway's traffic may come to one
 * queue; else not at all. Whichever queue a packet comes by, its SA's owner gets it by a ring.
 */
#ifndef SEKISHO_DATAPLANE_IO_SPREAD_H
#define SEKISHO_DATAPLANE_IO_SPREAD_H

#include <stdint.h>

#include <rte_ethdev.h>

enum spread_way {
	SPREAD_NOT_NEEDED, /* there is one queue */
	SPREAD_NONE,	   /* the device cannot: all comes to the first queue */
	SPREAD_ADDRESSES,
	SPREAD_SPI, /* and ESP in UDP on addresses and ports */
};

struct spread {
	enum spread_way way;
	uint64_t hash_fields; /* RTE_ETH_RSS_*, 0: RSS stays off */
};

/* What to ask of a device with these capabilities for that many queues. */
struct spread spread_choose(const struct rte_eth_dev_info *info, uint16_t queues);

/* For the operator. */
const char *spread_text(enum spread_way way);

#endif
