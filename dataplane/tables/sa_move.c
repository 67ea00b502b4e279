/* The other side of a live SA has another outer address. */
#include <rte_rcu_qsbr.h>
#include <string.h>

#include "dataplane/tables/sa_header.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_path.h"
#include "dataplane/tables/sa_table.h"

static bool is_at(const struct sa_info *info, const struct contract_address *outer)
{
	return memcmp(info->outer_remote.bytes, outer->bytes, sizeof(outer->bytes)) == 0 &&
	       info->outer_remote.port == outer->port;
}

/* Write the slot that nobody reads, then turn the readers to it. */
static enum result turn(struct sa_table *table, uint32_t index,
			const struct contract_address *outer)
{
	struct sa_info *info = &table->info[index];
	struct sa_out *out = &table->out[index];
	struct rte_rcu_qsbr *rcu = table->config.rcu;
	uint16_t slot = atomic_load_explicit(&out->outer_slot, memory_order_relaxed);

	if (rcu != NULL && info->outer_rcu_token != 0 &&
	    rte_rcu_qsbr_check(rcu, info->outer_rcu_token, false) != 1)
		return RESULT_MORE;
	sa_header_outer_to(&out->outer[slot ^ 1], &out->outer[slot], outer);
	atomic_store_explicit(&out->outer_slot, (uint16_t)(slot ^ 1), memory_order_release);
	if (rcu != NULL)
		info->outer_rcu_token = rte_rcu_qsbr_start(rcu);
	sa_path_end(table, index);
	info->outer_remote = *outer;
	sa_path_begin(table, index);
	return RESULT_OK;
}

enum result sa_table_move(struct sa_table *table, uint32_t index, uint8_t generation,
			  const struct contract_address *outer)
{
	struct sa_info *info;
	bool is_in_udp;
	enum result result = RESULT_OK;

	if (index == 0 || index >= table->capacity)
		return RESULT_NOT_FOUND;
	info = &table->info[index];
	is_in_udp = info->mode == CONTRACT_UDP_TUNNEL;
	if (info->state != SA_LIVE || info->generation != generation ||
	    (info->mode != CONTRACT_TUNNEL && !is_in_udp) ||
	    info->outer_remote.family != outer->family)
		return RESULT_NOT_FOUND;
	if (is_at(info, outer))
		return RESULT_OK;
	if (info->directions & CONTRACT_SA_OUT)
		result = turn(table, index, outer);
	if (result != RESULT_OK)
		return result;
	if (info->directions & CONTRACT_SA_IN)
		atomic_store_explicit(&table->in[index].outer_tag, sa_outer_tag(outer, is_in_udp),
				      memory_order_relaxed);
	info->outer_remote = *outer;
	return RESULT_OK;
}
