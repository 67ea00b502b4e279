#include "dataplane/tables/policy_table.h"

#include <stdlib.h>

static void memory_free(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static void index_free(void *context, void *memory)
{
	(void)context;
	policy_index_destroy(memory);
}

enum result policy_table_init(struct policy_table *table, unsigned scanners,
			      struct deferred *deferred)
{
	struct policy_pair *none = calloc(1, sizeof(*none));

	if (!none)
		return RESULT_MEMORY;
	table->deferred = deferred;
	table->scanners = scanners;
	table->serial = 0;
	atomic_store_explicit(&table->pair, none, memory_order_release);
	return RESULT_OK;
}

void policy_table_fini(struct policy_table *table)
{
	struct policy_pair *pair = atomic_load_explicit(&table->pair, memory_order_relaxed);

	if (!pair)
		return;
	policy_index_destroy(pair->current);
	policy_index_destroy(pair->previous);
	free(pair);
	atomic_store_explicit(&table->pair, NULL, memory_order_relaxed);
}

static enum result pair_publish(struct policy_table *table, struct policy_index *index,
				uint64_t now_s)
{
	struct policy_pair *old = atomic_load_explicit(&table->pair, memory_order_relaxed);
	struct policy_pair *made;

	if (deferred_reserve(table->deferred, 2) != RESULT_OK)
		return RESULT_MEMORY;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->current = index;
	made->previous = old->current;
	made->previous_until_s = now_s + POLICY_PREVIOUS_KEPT_S;
	made->has_caller_groups = policy_index_has_caller_groups(index) ||
				  policy_index_has_caller_groups(old->current);
	made->has_patterns = policy_index_has_patterns(index) ||
			     policy_index_has_patterns(old->current);
	atomic_store_explicit(&table->pair, made, memory_order_release);
	deferred_put(table->deferred, index_free, NULL, old->previous);
	deferred_put(table->deferred, memory_free, NULL, old);
	return RESULT_OK;
}

enum result policy_table_put(struct policy_table *table, const void *blob, size_t length,
			     uint64_t now_s)
{
	struct policy_index *made;
	enum result result;

	if (policy_index_is_of(policy_table_view(table)->current, blob, length))
		return RESULT_OK;
	result = policy_index_create(blob, length, table->scanners, table->serial + 1, &made);
	if (result != RESULT_OK)
		return result;
	result = pair_publish(table, made, now_s);
	if (result == RESULT_OK)
		table->serial++;
	else
		policy_index_destroy(made);
	return result;
}
