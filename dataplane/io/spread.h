/*
 * How a port spreads what it receives over the workers' queues, by what its device can: on the SPI,
 * where it knows ESP; else on addresses and ports, where all of a gateway's traffic may come to one
 * queue; else not at all. Whichever queue a packet comes by, its SA's owner gets it by a ring.
 */
#ifndef SEKISHO_DATAPLANE_IO_SPREAD_H
#define SEKISHO_DATAPLANE_IO_SPREAD_H

#include <stdint.h>

#include <rte_ethdev.h>

#include "shared/contract/contract.h"

struct spread {
	enum contract_spread way;
	uint64_t hash_fields; /* RTE_ETH_RSS_*, 0: RSS stays off */
};

/* What to ask of a device with these capabilities for that many queues. */
struct spread spread_choose(const struct rte_eth_dev_info *info, uint16_t queues);

#endif
