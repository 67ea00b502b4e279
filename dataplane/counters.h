/* Every figure the data plane can tell, as one row numbered from 0. */
#ifndef SEKISHO_DATAPLANE_COUNTERS_H
#define SEKISHO_DATAPLANE_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/drop_reason.h"
#include "dataplane/inbox/complaint.h"
#include "dataplane/path_mtu.h"
#include "dataplane/worker.h"
#include "shared/contract/contract.h"

/* What the control lcore counts, its own: written and read by it alone. */
struct control_counts {
	uint64_t drops[DROP_REASON_COUNT];
	uint64_t sip_received; /* handed to the control plane */
	uint64_t sip_sent;     /* taken from it */
	uint64_t events;       /* handed to it */
	uint64_t frames_to_kernel;
	uint64_t frames_from_kernel;
	uint64_t frames_refused;     /* that the kernel would not take */
	uint64_t neighbours_refused; /* that the kernel would not look for */
	struct path_mtu_counts paths;
	struct inbox_complaints complaints;
};

struct counters {
	struct worker *const *workers;
	unsigned worker_count;
	const struct tables *tables;
	const struct control_counts *control;
};

/* How many there are. */
uint32_t counters_count(const struct counters *counters);

/* The one at `at`, below the count. The control lcore's own stand under worker = worker_count. */
void counters_get(const struct counters *counters, uint32_t at, struct contract_counter *counter);

#endif
