#include "dataplane/tables/sa_path.h"

#include <string.h>

#include "dataplane/bounds.h"
#include "dataplane/tables/sa_header.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_table.h"

static uint32_t key_of(const struct sa_info *info)
{
	uint64_t tag = sa_outer_tag(&info->outer_remote, true);

	return (uint32_t)(tag ^ tag >> 32);
}

static bool is_same_place(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

/* Of the same owner: what others say of their way, true or not, is no concern of his. */
static bool is_same_way(const struct sa_info *a, const struct sa_info *b)
{
	return a->state == SA_LIVE && a->owner_kind == b->owner_kind && a->port == b->port &&
	       is_same_place(&a->outer_remote, &b->outer_remote) &&
	       is_same_place(&a->outer_local, &b->outer_local) &&
	       strcmp(a->subscriber, b->subscriber) == 0;
}

/* Of those there are the one put last, which knows the most, or 0. */
static uint32_t predecessor(const struct sa_table *table, uint32_t index)
{
	const struct sa_info *info = table->info;
	uint32_t other = sa_chain_first(&table->by_outer, key_of(&info[index]));

	for (unsigned i = 0; other != 0 && i < PATH_MTU_SAME_OUTER; i++) {
		if (is_same_way(&info[other], &info[index]))
			return other;
		other = info[other].next_in[SA_CHAIN_OUTER];
	}
	return 0;
}

void sa_path_begin(struct sa_table *table, uint32_t index)
{
	struct sa_info *info = &table->info[index];
	uint16_t bytes = sa_table_path_start(table, info->port);
	uint32_t before = predecessor(table, index);

	info->path_asked = 0;
	info->path_asks = 0;
	info->path_due_s = 0;
	if (before != 0) {
		bytes = atomic_load_explicit(&table->out[before].path_bytes, memory_order_relaxed);
		/* In the midst of a question it asks for itself. */
		if (table->info[before].path_asked == 0)
			info->path_due_s = table->info[before].path_due_s;
	}
	atomic_store_explicit(&table->out[index].path_bytes, bytes, memory_order_relaxed);
	sa_chain_add(&table->by_outer, table->info, index, key_of(info));
}

void sa_path_end(struct sa_table *table, uint32_t index)
{
	sa_chain_remove(&table->by_outer, table->info, index, key_of(&table->info[index]));
}
