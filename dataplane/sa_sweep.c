#include "dataplane/sa_sweep.h"

#include "dataplane/tables/sa_table.h"

static void look_at(struct sa_table *sas, uint32_t index, uint64_t now_s, sa_sweep_spent *spent,
		    sa_sweep_visit *visit, void *context)
{
	struct contract_sa_record record;

	if (!sa_table_is_spent(sas, index, now_s)) {
		visit(context, index);
		return;
	}
	if (sa_table_dump(sas, index, &record) != RESULT_OK)
		return;
	if (sa_table_delete(sas, index, record.sa.generation) == RESULT_OK)
		spent(context, &record.sa);
}

void sa_sweep_do(struct sa_sweep *sweep, struct sa_table *sas, uint64_t now_ms,
		 sa_sweep_spent *spent, sa_sweep_visit *visit, void *context)
{
	uint32_t count = sas->capacity / SA_SWEEP_STEPS + 1;

	if (now_ms < sweep->due_ms)
		return;
	sweep->due_ms = now_ms + SA_SWEEP_STEP_MS;
	for (uint32_t i = 0; i < count; i++) {
		sweep->next = sweep->next + 1 < sas->capacity ? sweep->next + 1 : 1;
		look_at(sas, sweep->next, now_ms / 1000, spent, visit, context);
	}
}
