#include "dataplane/process.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <sys/signalfd.h>

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "dataplane/control.h"
#include "dataplane/doorbell.h"
#include "dataplane/eal.h"
#include "dataplane/graph.h"
#include "dataplane/io/port.h"
#include "dataplane/tables.h"
#include "dataplane/worker.h"

struct process {
	const struct configuration *configuration;
	int signal_fd;
	struct doorbell doorbell;
	atomic_bool has_controlplane;
	struct rte_rcu_qsbr *rcu;
	struct table_set *tables;
	struct worker *workers[CONFIGURATION_WORKERS];
	unsigned worker_count;
	struct control *control;
	bool has_ports;
};

/* Blocked in every thread that comes after, and read from a descriptor instead. */
static enum result signals_take(struct process *process)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return RESULT_IO;
	process->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return process->signal_fd < 0 ? RESULT_IO : RESULT_OK;
}

static enum result rcu_make(struct process *process)
{
	const uint32_t threads = CONFIGURATION_WORKERS + 1;

	process->rcu =
		rte_zmalloc("sk_rcu", rte_rcu_qsbr_get_memsize(threads), RTE_CACHE_LINE_SIZE);
	if (!process->rcu)
		return RESULT_MEMORY;
	return rte_rcu_qsbr_init(process->rcu, threads) == 0 ? RESULT_OK : RESULT_MEMORY;
}

static enum result workers_make(struct process *process)
{
	enum result result = RESULT_OK;

	for (unsigned i = 0; result == RESULT_OK && i < process->configuration->workers; i++) {
		const struct worker_config config = {
			.id = i,
			.configuration = process->configuration,
			.tables = table_set_view(process->tables),
			.rcu = process->rcu,
			.doorbell = &process->doorbell,
			.has_controlplane = &process->has_controlplane,
			.siblings = process->workers,
		};

		result = worker_create(&config, &process->workers[i]);
		if (result == RESULT_OK)
			process->worker_count = i + 1;
	}
	if (result != RESULT_OK)
		fprintf(stderr, "a worker cannot be made: %s\n",
			result == RESULT_BAD ? "cryptography fails its known answers"
					     : "not enough memory (eal: memory-mb)");
	return result;
}

static enum result ports_start(struct process *process)
{
	struct rte_mempool *buffers[CONFIGURATION_WORKERS], *large[CONFIGURATION_WORKERS];
	enum result result;

	for (unsigned i = 0; i < process->worker_count; i++) {
		buffers[i] = process->workers[i]->small_buffers;
		large[i] = process->workers[i]->large_buffers;
	}
	result = port_table_start(process->configuration, buffers, large,
				  table_set_view(process->tables)->ports);
	process->has_ports = result == RESULT_OK;
	return result;
}

static enum result graphs_make(struct process *process)
{
	enum result result = graph_nodes_register();

	for (unsigned i = 0; result == RESULT_OK && i < process->worker_count; i++)
		result = graph_create(process->workers[i]);
	if (result != RESULT_OK)
		fprintf(stderr, "the packet graph cannot be made\n");
	return result;
}

static enum result control_make(struct process *process)
{
	const struct control_config config = {
		.configuration = process->configuration,
		.tables = table_set_view(process->tables),
		.deferred = table_set_deferred(process->tables),
		.workers = process->workers,
		.doorbell = &process->doorbell,
		.has_controlplane = &process->has_controlplane,
		.signal_fd = process->signal_fd,
	};

	return control_create(&config, &process->control);
}

/* All but EAL, in the order in which one needs the other. */
static enum result parts_make(struct process *process)
{
	enum result result = doorbell_open(&process->doorbell);

	if (result == RESULT_OK)
		result = rcu_make(process);
	if (result == RESULT_OK)
		result = table_set_create(process->configuration, process->rcu, &process->tables);
	if (result == RESULT_OK)
		result = workers_make(process);
	if (result == RESULT_OK)
		result = ports_start(process);
	if (result == RESULT_OK)
		result = graphs_make(process);
	return result;
}

static void parts_end(struct process *process)
{
	control_destroy(process->control);
	for (unsigned i = 0; i < process->worker_count; i++)
		graph_destroy(process->workers[i]);
	if (process->has_ports)
		port_table_stop(table_set_view(process->tables)->ports);
	for (unsigned i = 0; i < process->worker_count; i++)
		worker_destroy(process->workers[i]);
	table_set_destroy(process->tables);
	rte_free(process->rcu);
	doorbell_close(&process->doorbell);
}

static enum result workers_launch(struct process *process)
{
	for (unsigned i = 0; i < process->worker_count; i++) {
		struct worker *worker = process->workers[i];

		if (rte_eal_remote_launch(worker_run, worker, worker->lcore) != 0)
			return RESULT_IO;
	}
	return RESULT_OK;
}

static void workers_stop(struct process *process)
{
	for (unsigned i = 0; i < process->worker_count; i++)
		atomic_store_explicit(&process->workers[i]->is_stopping, true,
				      memory_order_release);
	rte_eal_mp_wait_lcore();
}

enum result process_run(const struct configuration *configuration)
{
	struct process process = {
		.configuration = configuration, .signal_fd = -1, .doorbell = {.fd = -1}};
	enum result result = signals_take(&process);

	if (result == RESULT_OK)
		result = eal_start(configuration);
	if (result != RESULT_OK)
		return result;
	result = parts_make(&process);
	if (result == RESULT_OK)
		result = control_make(&process);
	if (result == RESULT_OK) {
		result = workers_launch(&process);
		if (result == RESULT_OK)
			control_run(process.control);
		workers_stop(&process);
	}
	parts_end(&process);
	eal_end();
	close(process.signal_fd);
	return result;
}

enum result process_print_graph(FILE *out)
{
	const struct configuration configuration = {
		.workers = 1,
		.memory_mb = 64,
		.file_prefix = "sekisho-print-graph",
		.sa_capacity = 16,
		.binding_capacity = 16,
		.small_buffers = 1024,
		.large_buffers = 64,
		.registers_per_second = 1,
	};
	struct process process = {.configuration = &configuration, .doorbell = {.fd = -1}};
	enum result result = eal_start(&configuration);

	if (result != RESULT_OK)
		return result;
	result = parts_make(&process);
	if (result == RESULT_OK)
		result = graph_print(process.workers[0], out);
	parts_end(&process);
	eal_end();
	return result;
}
