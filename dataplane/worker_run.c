#include "dataplane/worker.h"

#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_graph_worker.h>
#include <rte_pause.h>
#include <rte_rcu_qsbr.h>

#include "dataplane/doorbell.h"
#include "dataplane/figure.h"

/* Idle walks before the first nap; a nap's length, doubled with each up to the longest. */
#define IDLE_WALKS   32
#define NAP_FIRST_US 32
#define NAP_LAST_US  1024

/* The clock is read anew when this much of a second has passed. */
#define CLOCK_FRACTION 4000

static void clock_read(struct worker *worker)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	worker->now_s = (uint64_t)now.tv_sec;
	worker->now_ms = worker->now_s * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Asleep it holds nothing up: no table's memory waits for a worker that naps. */
static void nap(struct worker *worker, unsigned microseconds)
{
	rte_rcu_qsbr_thread_offline(worker->rcu, worker->id);
	usleep(microseconds);
	rte_rcu_qsbr_thread_online(worker->rcu, worker->id);
}

/* A turn has begun, and so the one before is over: how long it took, and whether for something. */
static void turn_note(struct worker *worker, uint64_t now_tsc)
{
	uint64_t cycles = worker->now_tsc ? now_tsc - worker->now_tsc : 0;

	worker->now_tsc = now_tsc;
	figure_add(&worker->all_cycles, cycles);
	if (worker->taken == 0)
		return;
	figure_add(&worker->busy_cycles, cycles);
	figure_add(&worker->frames_taken, worker->taken);
}

static void walk(struct worker *worker)
{
	worker->taken = 0;
	rte_graph_walk(worker->graph);
	rte_rcu_qsbr_quiescent(worker->rcu, worker->id);
	if (worker->is_control_due) {
		worker->is_control_due = false;
		doorbell_ring(worker->doorbell);
	}
}

int worker_run(void *argument)
{
	struct worker *worker = argument;
	uint64_t clock_period = rte_get_tsc_hz() / CLOCK_FRACTION, clock_tsc = 0;
	unsigned idle = 0, nap_us = NAP_FIRST_US;

	if (rte_rcu_qsbr_thread_register(worker->rcu, worker->id) != 0)
		return -1;
	rte_rcu_qsbr_thread_online(worker->rcu, worker->id);
	while (!atomic_load_explicit(&worker->is_stopping, memory_order_acquire)) {
		turn_note(worker, rte_rdtsc());
		if (worker->now_tsc - clock_tsc > clock_period) {
			clock_read(worker);
			clock_tsc = worker->now_tsc;
		}
		walk(worker);
		if (worker->taken > 0 || !worker->is_idle_backed_off) {
			idle = 0;
			nap_us = NAP_FIRST_US;
		} else if (++idle < IDLE_WALKS) {
			rte_pause();
		} else {
			nap(worker, nap_us);
			nap_us = RTE_MIN(nap_us * 2, (unsigned)NAP_LAST_US);
		}
	}
	rte_rcu_qsbr_thread_offline(worker->rcu, worker->id);
	(void)rte_rcu_qsbr_thread_unregister(worker->rcu, worker->id);
	return 0;
}
