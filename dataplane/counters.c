#include "dataplane/counters.h"

#include <stdio.h>

#include <rte_cycles.h>

#include "dataplane/graph.h"
#include "dataplane/tables/sa_table.h"

static const struct {
	const char *name;
	size_t at;
} own[] = {
	{"sip_received", offsetof(struct control_counts, sip_received)},
	{"sip_sent", offsetof(struct control_counts, sip_sent)},
	{"events", offsetof(struct control_counts, events)},
	{"frames_to_kernel", offsetof(struct control_counts, frames_to_kernel)},
	{"frames_from_kernel", offsetof(struct control_counts, frames_from_kernel)},
	{"frames_refused", offsetof(struct control_counts, frames_refused)},
	{"neighbours_refused", offsetof(struct control_counts, neighbours_refused)},
	{"paths_asked", offsetof(struct control_counts, paths.asked)},
	{"paths_narrowed", offsetof(struct control_counts, paths.narrowed)},
	{"paths_lost", offsetof(struct control_counts, paths.lost)},
	{"path_messages_refused", offsetof(struct control_counts, paths.refused)},
	{"path_messages_too_many", offsetof(struct control_counts, paths.too_many)},
#define COMPLAINT_ROW(name, sentence)                                                              \
	{"contract_" #name, offsetof(struct control_counts, complaints.count[INBOX_COMPLAINT_##name])},
	INBOX_COMPLAINTS(COMPLAINT_ROW)
#undef COMPLAINT_ROW
};

/* What a worker's loop says of itself. */
static const struct {
	const char *name;
	size_t at;
} loop[] = {
	{"busy_cycles", offsetof(struct worker, busy_cycles)},
	{"all_cycles", offsetof(struct worker, all_cycles)},
	{"frames_taken", offsetof(struct worker, frames_taken)},
	{"frames_urgent", offsetof(struct worker, frames_urgent)},
};

#define OWN_COUNT  ((uint32_t)(sizeof(own) / sizeof(own[0])))
#define LOOP_COUNT ((uint32_t)(sizeof(loop) / sizeof(loop[0])))
#define GAUGES	   2u

/* DROP_NONE counts nothing. */
static uint32_t drops_count(void)
{
	return DROP_REASON_COUNT - 1;
}

static uint32_t worker_row(void)
{
	return graph_node_count() + drops_count() + LOOP_COUNT;
}

uint32_t counters_count(const struct counters *counters)
{
	return counters->worker_count * worker_row() + drops_count() + OWN_COUNT + GAUGES;
}

static void fill(struct contract_counter *counter, const char *name, uint64_t value,
		 enum contract_counter_kind kind, uint32_t worker)
{
	*counter =
		(struct contract_counter){.value = value, .kind = (uint32_t)kind, .worker = worker};
	snprintf(counter->name, sizeof(counter->name), "%s", name);
}

static void worker_get(const struct worker *worker, uint32_t at, struct contract_counter *counter)
{
	uint32_t nodes = graph_node_count();
	uint64_t value;

	if (at < nodes) {
		fill(counter, graph_node_name(at), graph_node_packets(worker, at),
		     CONTRACT_COUNTER_NODE, worker->id);
		return;
	}
	at -= nodes;
	if (at >= drops_count()) {
		const char *base = (const char *)worker;

		at -= drops_count();
		value = atomic_load_explicit(
			(const atomic_uint_fast64_t *)(const void *)(base + loop[at].at),
			memory_order_relaxed);
		fill(counter, loop[at].name, value, CONTRACT_COUNTER_GAUGE, worker->id);
		return;
	}
	at++; /* DROP_NONE */
	value = atomic_load_explicit(&worker->drops[at], memory_order_relaxed);
	fill(counter, drop_reason_name((enum drop_reason)at), value, CONTRACT_COUNTER_DROP,
	     worker->id);
}

void counters_get(const struct counters *counters, uint32_t at, struct contract_counter *counter)
{
	uint32_t worker = at / worker_row();

	if (worker < counters->worker_count) {
		worker_get(counters->workers[worker], at % worker_row(), counter);
		return;
	}
	at -= counters->worker_count * worker_row();
	worker = counters->worker_count;
	if (at < drops_count()) {
		fill(counter, drop_reason_name((enum drop_reason)(at + 1)),
		     counters->control->drops[at + 1], CONTRACT_COUNTER_DROP, worker);
		return;
	}
	at -= drops_count();
	if (at < OWN_COUNT) {
		const char *base = (const char *)counters->control;

		fill(counter, own[at].name, *(const uint64_t *)(const void *)(base + own[at].at),
		     CONTRACT_COUNTER_NODE, worker);
		return;
	}
	if (at == OWN_COUNT)
		fill(counter, "sas", counters->tables->sas->live, CONTRACT_COUNTER_GAUGE, worker);
	else
		fill(counter, "cycles_per_second", rte_get_tsc_hz(), CONTRACT_COUNTER_GAUGE, worker);
}
