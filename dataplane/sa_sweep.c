#include "dataplane/sa_sweep.h"

#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_table.h"

/* An idle control lcore sleeps longer than a step: it makes up for these, no more. */
#define LATE_STEPS 4

static void look_at(struct sa_table *sas, uint32_t index, uint64_t now_s,
		    const struct sa_sweep_events *events)
{
	struct contract_sa_record record;

	if (!sa_table_is_spent(sas, index, now_s)) {
		if (sa_table_is_half_spent(sas, index))
			events->half_spent(events->context, index, sas->info[index].generation);
		events->visited(events->context, index);
		return;
	}
	if (sa_table_dump(sas, index, &record) == RESULT_OK &&
	    sa_table_delete(sas, index, record.sa.generation) == RESULT_OK)
		events->spent(events->context, &record.sa);
}

void sa_sweep_do(struct sa_sweep *sweep, struct sa_table *sas, uint64_t now_ms,
		 const struct sa_sweep_events *events)
{
	uint32_t count = sas->capacity / SA_SWEEP_STEPS + 1;
	uint64_t late;

	if (now_ms < sweep->due_ms)
		return;
	late = sweep->due_ms > 0 ? (now_ms - sweep->due_ms) / SA_SWEEP_STEP_MS : 0;
	count *= late < LATE_STEPS ? 1 + (uint32_t)late : LATE_STEPS;
	sweep->due_ms = now_ms + SA_SWEEP_STEP_MS;
	for (uint32_t i = 0; i < count; i++) {
		sweep->next = sweep->next + 1 < sas->capacity ? sweep->next + 1 : 1;
		look_at(sas, sweep->next, now_ms / 1000, events);
	}
}
