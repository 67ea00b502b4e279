/*
 * A cryptographic device behind DPDK's cryptodev, shared by all workers: a queue pair each, and one
 * store of sessions, which the control lcore makes and ends with the SAs.
 */
#ifndef SEKISHO_DATAPLANE_ESP_DEVICE_H
#define SEKISHO_DATAPLANE_ESP_DEVICE_H

#include <stdint.h>

#include "shared/result.h"

struct rte_mempool;

struct esp_device {
	uint8_t id;
	uint16_t queues;
	struct rte_mempool *sessions;
};

/*
 * Start the device: a virtual one (crypto_aesni_mb) or one that EAL has found, by name, with a
 * queue pair for each of `queues` workers and room for two sessions an SA. EAL must be up.
 * RESULT_OK; RESULT_NOT_FOUND: no such device; RESULT_BAD: it has too few queue pairs;
 * RESULT_MEMORY; RESULT_IO.
 */
enum result esp_device_open(const char *name, uint16_t queues, uint32_t sas,
			    struct esp_device *device) SEKISHO_MUST_USE;
void esp_device_close(struct esp_device *device);

#endif
