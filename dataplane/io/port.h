/* Our network ports: found, configured with a queue for each worker, started and stopped. */
#ifndef SEKISHO_DATAPLANE_IO_PORT_H
#define SEKISHO_DATAPLANE_IO_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "dataplane/configuration.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct rte_mempool;

/* Written before the workers start, not changed after. */
struct port {
	uint16_t ethdev; /* DPDK's number of it; ours is its place in the table */
	uint16_t mtu;
	struct rte_ether_addr mac;
	struct contract_address address[2]; /* [IPv4, IPv6]; family 0: none */
	bool is_started;
	uint8_t spread; /* enum contract_spread */
};

/* What the operator knows it by. */
struct port_name {
	char device[64]; /* cut if longer */
	char tap[CONFIGURATION_TAP_BYTES];
};

struct port_table {
	unsigned count;
	struct port ports[CONFIGURATION_PORTS];
	struct port_name names[CONFIGURATION_PORTS];
};

/*
 * Find and start all ports of the configuration. Worker i polls queue i of each and receives into
 * buffers[i], where a port has large frames into large_buffers[i]. RESULT_OK, RESULT_NOT_FOUND (no such device) or RESULT_IO; said on stderr.
 */
enum result port_table_start(const struct configuration *configuration,
			     struct rte_mempool *const *buffers,
			     struct rte_mempool *const *large_buffers,
			     struct port_table *table) SEKISHO_MUST_USE;
void port_table_stop(struct port_table *table);

/* Is it one of the gateway's own addresses at that port? The UDP port is not looked at. */
bool port_has_address(const struct port *port, const struct contract_address *address);

#endif
