#include "dataplane/io/port.h"

#include <stdio.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "dataplane/io/spread.h"
#include "shared/contract/port_spread.h"

#define RX_DESCRIPTORS 1024
#define TX_DESCRIPTORS 1024

bool port_has_address(const struct port *port, const struct contract_address *address)
{
	const struct contract_address *own = &port->address[address->family == 6];

	return own->family == address->family && own->family != 0 &&
	       memcmp(own->bytes, address->bytes, own->family == 4 ? 4 : 16) == 0;
}

/* What stands before the first comma. */
static void device_name(const struct configuration_port *wanted, char *name, size_t size)
{
	snprintf(name, size, "%.*s", (int)strcspn(wanted->device, ","), wanted->device);
}

/* A vdev's name is as it stands; a PCI device's its full address. */
static enum result ethdev_find(const struct configuration_port *wanted, uint16_t *ethdev)
{
	char name[CONFIGURATION_DEVICE_BYTES];
	struct rte_pci_addr address;

	device_name(wanted, name, sizeof(name));
	if (!wanted->is_vdev && rte_pci_addr_parse(name, &address) == 0)
		rte_pci_device_name(&address, name, sizeof(name));
	return rte_eth_dev_get_port_by_name(name, ethdev) == 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

static int queues_configure(struct port *port, uint16_t queues)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	struct spread spread;
	int error = rte_eth_dev_info_get(port->ethdev, &info);

	if (error != 0)
		return error;
	spread = spread_choose(&info, queues);
	if (spread.hash_fields != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = spread.hash_fields;
	}
	port->spread = (uint8_t)spread.way;
	return rte_eth_dev_configure(port->ethdev, queues, queues, &conf);
}

static int queues_set_up(uint16_t ethdev, uint16_t queues, struct rte_mempool *const *buffers)
{
	uint16_t rx = RX_DESCRIPTORS, tx = TX_DESCRIPTORS;
	unsigned socket = (unsigned)RTE_MAX(0, rte_eth_dev_socket_id(ethdev));
	int error = rte_eth_dev_adjust_nb_rx_tx_desc(ethdev, &rx, &tx);

	for (uint16_t i = 0; error == 0 && i < queues; i++) {
		error = rte_eth_rx_queue_setup(ethdev, i, rx, socket, NULL, buffers[i]);
		if (error == 0)
			error = rte_eth_tx_queue_setup(ethdev, i, tx, socket, NULL);
	}
	return error;
}

static int mtu_set(uint16_t ethdev, uint16_t mtu)
{
	uint16_t now;
	int error = rte_eth_dev_get_mtu(ethdev, &now);

	if (error != 0 || now == mtu)
		return error;
	return rte_eth_dev_set_mtu(ethdev, mtu);
}

static void name_set(const struct configuration_port *wanted, struct port_name *name)
{
	device_name(wanted, name->device, sizeof(name->device));
	memcpy(name->tap, wanted->tap, sizeof(name->tap));
}

static enum result port_start(const struct configuration_port *wanted, uint16_t queues,
			      struct rte_mempool *const *buffers, struct port *port)
{
	int error;

	if (ethdev_find(wanted, &port->ethdev) != RESULT_OK) {
		fprintf(stderr, "%s: no such device\n", wanted->device);
		return RESULT_NOT_FOUND;
	}
	port->mtu = wanted->mtu;
	memcpy(port->address, wanted->address, sizeof(port->address));
	error = queues_configure(port, queues);
	if (error == 0)
		error = queues_set_up(port->ethdev, queues, buffers);
	if (error == 0)
		error = mtu_set(port->ethdev, port->mtu);
	if (error == 0)
		error = rte_eth_macaddr_get(port->ethdev, &port->mac);
	if (error == 0)
		error = rte_eth_dev_start(port->ethdev);
	if (error != 0) {
		fprintf(stderr, "%s: does not start: %s\n", wanted->device, rte_strerror(-error));
		return RESULT_IO;
	}
	port->is_started = true;
	/* IPv6 neighbour discovery is multicast; a device that hears everything anyway says no. */
	(void)rte_eth_allmulticast_enable(port->ethdev);
	return RESULT_OK;
}

enum result port_table_start(const struct configuration *configuration,
			     struct rte_mempool *const *buffers,
			     struct rte_mempool *const *large_buffers, struct port_table *table)
{
	*table = (struct port_table){.count = configuration->port_count};
	for (unsigned i = 0; i < table->count; i++) {
		const struct configuration_port *wanted = &configuration->ports[i];
		enum result result =
			port_start(wanted, (uint16_t)configuration->workers,
				   wanted->has_large_frames ? large_buffers : buffers,
				   &table->ports[i]);

		if (result != RESULT_OK) {
			port_table_stop(table);
			return result;
		}
		name_set(wanted, &table->names[i]);
		fprintf(stderr, "%s: %s\n", table->names[i].device,
			port_spread_text(table->ports[i].spread));
	}
	return RESULT_OK;
}

void port_table_stop(struct port_table *table)
{
	for (unsigned i = 0; i < table->count; i++) {
		if (!table->ports[i].is_started)
			continue;
		(void)rte_eth_dev_stop(table->ports[i].ethdev);
		(void)rte_eth_dev_close(table->ports[i].ethdev);
		table->ports[i].is_started = false;
	}
}
