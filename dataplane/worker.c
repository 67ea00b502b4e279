#include "dataplane/worker.h"

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_random.h>
#include <rte_ring.h>

#include "dataplane/configuration.h"
#include "dataplane/drop_reason.h"
#include "dataplane/esp/engine.h"
#include "dataplane/esp/self_test.h"
#include "dataplane/event_ring.h"
#include "dataplane/bounds.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/packet_pool.h"
#include "dataplane/rate_limit.h"
#include "dataplane/reassembly.h"
#include "dataplane/rules/packet_rules.h"
#include "dataplane/rules/policy_state.h"
#include "dataplane/sa_tag.h"
#include "dataplane/send_queue.h"
#include "dataplane/tables/sa_table.h"
#include "shared/sip/skeleton.h"

#define POOL_CACHE 128

static enum result ring_make(const struct worker *worker, const char *what, unsigned flags,
			     struct rte_ring **ring)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "sk_%s_%u", what, worker->id);
	*ring = rte_ring_create(name, WORKER_RING, worker->socket, flags);
	return *ring ? RESULT_OK : RESULT_MEMORY;
}

static enum result rings_make(struct worker *worker)
{
	const unsigned one_to_one = RING_F_SP_ENQ | RING_F_SC_DEQ;
	enum result result = ring_make(worker, "handoff", RING_F_SC_DEQ, &worker->handoff);

	if (result == RESULT_OK)
		result = ring_make(worker, "injected", one_to_one, &worker->injected);
	if (result == RESULT_OK)
		result = ring_make(worker, "to_control", one_to_one, &worker->to_control);
	if (result == RESULT_OK)
		result = ring_make(worker, "strangers", one_to_one, &worker->strangers);
	if (result == RESULT_OK)
		result = ring_make(worker, "exceptions", one_to_one, &worker->exceptions);
	if (result == RESULT_OK)
		result = ring_make(worker, "unresolved", one_to_one, &worker->unresolved);
	return result;
}

static enum result pool_make(const struct worker *worker, const char *what, uint32_t count,
			     uint16_t bytes, struct rte_mempool **pool)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "sk_%s_%u", what, worker->id);
	*pool = rte_pktmbuf_pool_create(name, count, POOL_CACHE > count / 4 ? 0 : POOL_CACHE,
					MBUF_NOTE_BYTES, bytes, worker->socket);
	return *pool ? RESULT_OK : RESULT_MEMORY;
}

static enum result memory_make(struct worker *worker, const struct configuration *configuration)
{
	enum result result = pool_make(worker, "small", configuration->small_buffers,
				       SMALL_BUFFER_BYTES, &worker->small_buffers);

	if (result == RESULT_OK)
		result = pool_make(worker, "large", configuration->large_buffers,
				   LARGE_BUFFER_BYTES, &worker->large_buffers);
	if (result == RESULT_OK)
		result = packet_pool_create(WORKER_PACKETS, sizeof(struct packet_rules),
					    worker->socket, &worker->packets);
	if (result == RESULT_OK)
		result = event_ring_create(WORKER_EVENTS, &worker->events);
	if (result == RESULT_OK)
		result = event_ring_create(WORKER_MOVES, &worker->moves);
	if (result == RESULT_OK)
		result = rate_limit_create(WORKER_SOURCES, configuration->registers_per_second,
					   2 * configuration->registers_per_second, rte_rand(),
					   &worker->register_limit);
	if (result == RESULT_OK)
		result = policy_state_create(worker->id, rte_rand(), &worker->policy);
	if (result == RESULT_OK)
		result = sa_tag_register(&worker->sa_tag_offset);
	if (result == RESULT_OK)
		result = reassembly_create(worker->large_buffers, &worker->reassembly);
	worker->skeletons = rte_zmalloc_socket("sk_skeletons", sizeof(*worker->skeletons),
					       RTE_CACHE_LINE_SIZE, worker->socket);
	worker->send_queues = rte_zmalloc_socket(
		"sk_send", CONFIGURATION_PORTS * sizeof(*worker->send_queues), RTE_CACHE_LINE_SIZE,
		worker->socket);
	worker->drops = rte_zmalloc_socket("sk_drops", DROP_REASON_COUNT * sizeof(*worker->drops),
					   RTE_CACHE_LINE_SIZE, worker->socket);
	if (!worker->drops || !worker->skeletons || !worker->send_queues)
		return RESULT_MEMORY;
	return result;
}

/* No worker runs whose cryptography does not give the known answers. */
static enum result crypto_make(struct worker *worker)
{
	const struct esp_device *device = worker->tables->sas->config.device;
	enum result result =
		device ? esp_engine_create_device(device, (uint16_t)worker->id, &worker->engine)
		       : esp_engine_create_direct(&worker->engine);

	if (result == RESULT_OK)
		result = esp_self_test(worker->engine);
	return result;
}

enum result worker_create(const struct worker_config *config, struct worker **worker)
{
	const struct configuration *configuration = config->configuration;
	unsigned lcore = config->id + 1;
	int socket = (int)rte_lcore_to_socket_id(lcore);
	struct worker *made =
		rte_zmalloc_socket("sk_worker", sizeof(*made), RTE_CACHE_LINE_SIZE, socket);
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->id = config->id;
	made->lcore = lcore;
	made->socket = socket;
	made->tables = config->tables;
	made->rcu = config->rcu;
	made->doorbell = config->doorbell;
	made->has_controlplane = config->has_controlplane;
	made->siblings = config->siblings;
	made->sibling_count = configuration->workers;
	/* Apart from the other workers' modulo their count: each counts on by that. */
	made->fragment_id =
		(uint32_t)(rte_rand() >> 33) / configuration->workers * configuration->workers +
		config->id;
	made->send_room = RTE_MIN(configuration->small_buffers / SEND_BUFFERS, SEND_WAITING);
	made->patience_tsc = rte_get_tsc_hz() / 1000 * SEND_PATIENCE_MS;
	made->is_idle_backed_off = configuration->is_idle_backed_off;
	result = rings_make(made);
	if (result == RESULT_OK)
		result = memory_make(made, configuration);
	if (result == RESULT_OK)
		result = crypto_make(made);
	if (result != RESULT_OK) {
		worker_destroy(made);
		return result;
	}
	*worker = made;
	return RESULT_OK;
}

static void ring_end(struct rte_ring *ring)
{
	void *mbuf;

	if (!ring)
		return;
	while (rte_ring_dequeue(ring, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	rte_ring_free(ring);
}

static void send_queues_end(struct worker *worker)
{
	for (unsigned port = 0; worker->send_queues && port < CONFIGURATION_PORTS; port++)
		(void)send_queue_forget(&worker->send_queues[port]);
	rte_free(worker->send_queues);
}

void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	ring_end(worker->handoff);
	ring_end(worker->injected);
	ring_end(worker->to_control);
	ring_end(worker->strangers);
	ring_end(worker->exceptions);
	ring_end(worker->unresolved);
	send_queues_end(worker);
	esp_engine_destroy(worker->engine);
	rate_limit_destroy(worker->register_limit);
	policy_state_destroy(worker->policy);
	event_ring_destroy(worker->events);
	event_ring_destroy(worker->moves);
	reassembly_destroy(worker->reassembly);
	packet_pool_destroy(worker->packets);
	rte_free(worker->drops);
	rte_free(worker->skeletons);
	rte_mempool_free(worker->small_buffers);
	rte_mempool_free(worker->large_buffers);
	rte_free(worker);
}
