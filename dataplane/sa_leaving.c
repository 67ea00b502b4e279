#include "dataplane/sa_leaving.h"

#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "dataplane/tables/sa_table.h"

static struct sa_leaving_one *one_at(struct sa_leaving *leaving, unsigned i)
{
	return &leaving->ones[(leaving->first + i) % SA_LEAVING_MAX];
}

enum result sa_leaving_order(struct sa_leaving *leaving, struct sa_table *sas,
			     const struct rte_ring *injected, uint32_t index, uint8_t generation)
{
	struct contract_sa_record record;

	if (sa_table_dump(sas, index, &record) != RESULT_OK || record.sa.generation != generation)
		return RESULT_NOT_FOUND;
	for (unsigned i = 0; i < leaving->count; i++)
		if (one_at(leaving, i)->index == index)
			return RESULT_NOT_FOUND;
	if (leaving->count == SA_LEAVING_MAX)
		return RESULT_SPACE;
	*one_at(leaving, leaving->count++) = (struct sa_leaving_one){
		.injected = injected,
		.index = index,
		.generation = generation,
		.sent = injected->prod.tail,
	};
	return RESULT_OK;
}

/* Has the worker taken all that was there, and then been through with it? */
static bool is_ready(struct sa_leaving_one *one, struct rte_rcu_qsbr *readers)
{
	if (!one->is_drained) {
		/* Both count up and wrap at 2^32. */
		if ((int32_t)(one->injected->cons.tail - one->sent) < 0)
			return false;
		one->is_drained = true;
		if (readers != NULL)
			one->token = rte_rcu_qsbr_start(readers);
	}
	return readers == NULL || rte_rcu_qsbr_check(readers, one->token, false) == 1;
}

unsigned sa_leaving_do(struct sa_leaving *leaving, struct sa_table *sas,
		       struct rte_rcu_qsbr *readers, sa_leaving_gone *gone, void *context)
{
	while (leaving->count > 0 && is_ready(one_at(leaving, 0), readers)) {
		const struct sa_leaving_one *one = one_at(leaving, 0);
		struct contract_sa_record record;

		/* It may have come to its hard limit meanwhile. */
		if (sa_table_dump(sas, one->index, &record) == RESULT_OK &&
		    sa_table_delete(sas, one->index, one->generation) == RESULT_OK)
			gone(context, &record.sa);
		leaving->first = (leaving->first + 1) % SA_LEAVING_MAX;
		leaving->count--;
	}
	return leaving->count;
}
