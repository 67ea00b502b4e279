#include "dataplane/esp/device.h"

#include <rte_cryptodev.h>
#include <rte_dev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <string.h>

#include "dataplane/esp/job.h"

#define DESCRIPTORS   2048 /* what every driver has; a burst is far less */
#define SESSION_CACHE 0	   /* one lcore makes and ends them */

/* Virtual devices come into being by their name. */
static enum result find(const char *name, uint8_t *id)
{
	int found = rte_cryptodev_get_dev_id(name);

	if (found < 0 && rte_eal_hotplug_add("vdev", name, "") == 0)
		found = rte_cryptodev_get_dev_id(name);
	if (found < 0)
		return RESULT_NOT_FOUND;
	*id = (uint8_t)found;
	return RESULT_OK;
}

static enum result queues_set_up(const struct esp_device *device, int socket)
{
	struct rte_cryptodev_config config = {.socket_id = socket,
					      .nb_queue_pairs = device->queues};
	const struct rte_cryptodev_qp_conf queue = {.nb_descriptors = DESCRIPTORS,
						    .mp_session = device->sessions};

	if (rte_cryptodev_configure(device->id, &config) != 0)
		return RESULT_IO;
	for (uint16_t i = 0; i < device->queues; i++)
		if (rte_cryptodev_queue_pair_setup(device->id, i, &queue, socket) != 0)
			return RESULT_IO;
	return rte_cryptodev_start(device->id) == 0 ? RESULT_OK : RESULT_IO;
}

enum result esp_device_open(const char *name, uint16_t queues, uint32_t sas,
			    struct esp_device *device)
{
	struct esp_device made = {.queues = queues};
	struct rte_cryptodev_info info;
	enum result result = find(name, &made.id);
	int socket;

	if (result != RESULT_OK)
		return result;
	rte_cryptodev_info_get(made.id, &info);
	if (queues == 0 || queues > info.max_nb_queue_pairs)
		return RESULT_BAD;
	socket = rte_cryptodev_socket_id(made.id);
	made.sessions = rte_cryptodev_sym_session_pool_create(
		"sk_sessions", 2 * sas, rte_cryptodev_sym_get_private_session_size(made.id),
		SESSION_CACHE, 0, socket);
	if (made.sessions == NULL)
		return RESULT_MEMORY;
	result = queues_set_up(&made, socket);
	if (result != RESULT_OK) {
		rte_mempool_free(made.sessions);
		return result;
	}
	*device = made;
	return RESULT_OK;
}

void esp_device_close(struct esp_device *device)
{
	if (device->sessions == NULL)
		return;
	rte_cryptodev_stop(device->id);
	(void)rte_cryptodev_close(device->id);
	rte_mempool_free(device->sessions);
	device->sessions = NULL;
}
