/* What the operator wrote in sekisho-dataplane.yaml (docs/man/sekisho-dataplane.8), checked. */
#ifndef SEKISHO_DATAPLANE_CONFIGURATION_H
#define SEKISHO_DATAPLANE_CONFIGURATION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/config/config.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

#define CONFIGURATION_PORTS	     8 /* as many as the contract can name */
#define CONFIGURATION_WORKERS	     63
#define CONFIGURATION_ARGUMENTS	     32
#define CONFIGURATION_ARGUMENT_BYTES 256
#define CONFIGURATION_DEVICE_BYTES   240
#define CONFIGURATION_TAP_BYTES	     16 /* IFNAMSIZ */

struct configuration_port {
	char device[CONFIGURATION_DEVICE_BYTES]; /* a vdev's arguments or a PCI address */
	bool is_vdev;
	char tap[CONFIGURATION_TAP_BYTES]; /* its exception interface */
	uint16_t mtu;
	uint16_t path_mtu; /* what every path by it carries, at most mtu */
	bool has_large_frames; /* frames over 1,518 bytes come in: large buffers for them */
	struct contract_address address[2]; /* [IPv4, IPv6], the gateway's own; family 0: none */
	uint8_t prefix_bits[2];
	struct contract_address router[2]; /* of the default route; family 0: none */
};

struct configuration {
	char socket_path[CONFIG_PATH_BYTES]; /* the contract's */
	char state_path[CONFIG_PATH_BYTES];  /* empty: no state file, nothing survives a kill */
	unsigned workers;
	bool is_idle_backed_off;
	unsigned
		cores[CONFIGURATION_WORKERS + 1]; /* control lcore first; if core_count is 0, all */
	unsigned core_count;			  /* float over whatever we may run on */
	bool is_huge;
	unsigned memory_mb;
	char file_prefix[64];
	char arguments[CONFIGURATION_ARGUMENTS][CONFIGURATION_ARGUMENT_BYTES]; /* passed to EAL */
	unsigned argument_count;
	uint32_t sa_capacity;
	uint32_t binding_capacity;
	uint32_t small_buffers; /* in each worker's pool */
	uint32_t large_buffers;
	char esp_device[64]; /* cryptodev's name; empty: IPsec-MB is called directly */
	uint32_t registers_per_second; /* from one source outside any SA */
	struct configuration_port ports[CONFIGURATION_PORTS];
	unsigned port_count;
};

/*
 * Read the file at path; every mistake is told on report as file:line:column. RESULT_OK,
 * RESULT_BAD, RESULT_IO or RESULT_MEMORY.
 */
enum result configuration_read(const char *path, FILE *report,
			       struct configuration *configuration) SEKISHO_MUST_USE;

#endif
