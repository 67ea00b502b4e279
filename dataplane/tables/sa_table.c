#include "dataplane/tables/sa_table.h"

#include <rte_random.h>
#include <rte_rcu_qsbr.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/esp/engine.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_path.h"

/* Index 0 means "no SA" everywhere, so the lists here may use it as their end. */

enum result sa_table_create(const struct sa_table_config *config, struct sa_table **table)
{
	struct sa_table *made;
	enum result result = RESULT_MEMORY;

	if (config->capacity < 2 || config->capacity > 1u << LIMIT_SA_INDEX_BITS ||
	    config->workers == 0 || config->dscp > 63)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return RESULT_MEMORY;
	made->capacity = config->capacity;
	made->workers = config->workers;
	made->config = *config;
	atomic_store_explicit(&made->narrowest_path, PATH_MTU_BYTES, memory_order_relaxed);
	made->info = calloc(config->capacity, sizeof(*made->info));
	if (made->info == NULL)
		goto free_table;
	result = sa_chain_create(config->capacity, (uint32_t)rte_rand(), SA_CHAIN_SPI, &made->by_spi);
	if (result != RESULT_OK)
		goto free_info;
	result = sa_chain_create(config->capacity, (uint32_t)rte_rand(), SA_CHAIN_OUTER,
				 &made->by_outer);
	if (result != RESULT_OK)
		goto destroy_by_spi;
	result = sa_memory_map((size_t)config->capacity * sizeof(*made->in), config->is_huge,
			       config->is_memory_locked, &made->in_memory);
	if (result != RESULT_OK)
		goto destroy_by_outer;
	result = sa_memory_map((size_t)config->capacity * sizeof(*made->out), config->is_huge,
			       config->is_memory_locked, &made->out_memory);
	if (result != RESULT_OK)
		goto unmap_in;
	made->in = made->in_memory.at;
	made->out = made->out_memory.at;
	result = config->device != NULL
			 ? esp_engine_create_device(config->device, ESP_ENGINE_KEYS_ONLY,
						    &made->engine)
			 : esp_engine_create_direct(&made->engine);
	if (result != RESULT_OK)
		goto unmap_out;
	result = state_file_open(config->state_path, config->capacity, config->is_huge,
				 &made->state);
	if (result != RESULT_OK)
		goto destroy_engine;
	*table = made;
	return RESULT_OK;
destroy_engine:
	esp_engine_destroy(made->engine);
unmap_out:
	sa_memory_unmap(&made->out_memory);
unmap_in:
	sa_memory_unmap(&made->in_memory);
destroy_by_outer:
	sa_chain_destroy(&made->by_outer);
destroy_by_spi:
	sa_chain_destroy(&made->by_spi);
free_info:
	free(made->info);
free_table:
	free(made);
	return result;
}

/* Wipe the keys and forget the SA; the index may be given out again, under another generation. */
static void sa_free(struct sa_table *table, uint32_t index)
{
	struct sa_info *info = &table->info[index];
	struct sa_in *in = &table->in[index];
	uint8_t generation = info->generation;
	uint32_t last_handle = atomic_load_explicit(&in->last_handle, memory_order_relaxed);

	if (info->directions & CONTRACT_SA_IN) {
		esp_engine_key_wipe(table->engine, &in->key);
		memset(in, 0, offsetof(struct sa_in, key));
		atomic_store_explicit(&in->last_handle, last_handle, memory_order_relaxed);
	}
	if (info->directions & CONTRACT_SA_OUT) {
		esp_engine_key_wipe(table->engine, &table->out[index].key);
		memset(&table->out[index], 0, offsetof(struct sa_out, key));
	}
	free(info->subscriber);
	*info = (struct sa_info){.state = SA_FREE, .generation = generation};
}

void sa_table_destroy(struct sa_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 1; i < table->capacity; i++) {
		if (table->info[i].state != SA_FREE)
			sa_free(table, i);
	}
	state_file_close(&table->state);
	esp_engine_destroy(table->engine);
	sa_memory_unmap(&table->out_memory);
	sa_memory_unmap(&table->in_memory);
	sa_chain_destroy(&table->by_outer);
	sa_chain_destroy(&table->by_spi);
	free(table->info);
	free(table);
}

enum result sa_table_delete(struct sa_table *table, uint32_t index, uint8_t generation)
{
	struct sa_info *info;

	if (index == 0 || index >= table->capacity)
		return RESULT_NOT_FOUND;
	info = &table->info[index];
	if (info->state != SA_LIVE || info->generation != generation)
		return RESULT_NOT_FOUND;
	atomic_store_explicit(&table->in[index].handle, 0, memory_order_release);
	atomic_store_explicit(&table->out[index].handle, 0, memory_order_release);
	state_record_end(&table->state, index);
	if (info->directions & CONTRACT_SA_OUT) {
		sa_chain_remove(&table->by_spi, table->info, index, info->spi_out);
		sa_path_end(table, index);
	}
	info->state = SA_PENDING;
	info->next_pending = 0;
	if (table->config.rcu != NULL)
		info->rcu_token = rte_rcu_qsbr_start(table->config.rcu);
	if (table->last_pending != 0)
		table->info[table->last_pending].next_pending = index;
	else
		table->first_pending = index;
	table->last_pending = index;
	table->live--;
	table->pending++;
	return RESULT_OK;
}

void sa_table_dscp_set(struct sa_table *table, uint8_t dscp)
{
	table->config.dscp = dscp & 63;
}

uint32_t sa_table_reclaim(struct sa_table *table)
{
	while (table->first_pending != 0) {
		uint32_t index = table->first_pending;
		uint32_t next = table->info[index].next_pending;

		if (table->config.rcu != NULL &&
		    rte_rcu_qsbr_check(table->config.rcu, table->info[index].rcu_token, false) != 1)
			break;
		sa_free(table, index);
		table->first_pending = next;
		if (next == 0)
			table->last_pending = 0;
		table->pending--;
	}
	return table->pending;
}

static void dump_info(const struct sa_info *info, struct contract_sa *sa)
{
	sa->generation = info->generation;
	sa->directions = info->directions;
	sa->owner_kind = info->owner_kind;
	sa->suite = info->suite;
	sa->mode = info->mode;
	sa->level = info->level;
	sa->worker = info->worker;
	sa->port = info->port;
	sa->spi_out = info->spi_out;
	sa->owner_index = info->owner_index;
	sa->owner_generation = info->owner_generation;
	sa->is_replay_checked = info->is_replay_checked;
	sa->hard_expiry_s = info->hard_expiry_s;
	sa->hard_packets = info->hard_packets;
	sa->hard_bytes = info->hard_bytes;
	sa->vouching = info->vouching;
	sa->inner_local = info->inner_local;
	sa->inner_remote = info->inner_remote;
	sa->outer_local = info->outer_local;
	sa->outer_remote = info->outer_remote;
	memccpy(sa->subscriber, info->subscriber, 0, sizeof(sa->subscriber));
}

static uint64_t look(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

enum result sa_table_dump(const struct sa_table *table, uint32_t index,
			  struct contract_sa_record *record)
{
	const struct sa_in *in = &table->in[index];
	const struct sa_out *out = &table->out[index];

	if (index == 0 || index >= table->capacity || table->info[index].state != SA_LIVE)
		return RESULT_NOT_FOUND;
	memset(record, 0, sizeof(*record));
	record->sa.index = index;
	dump_info(&table->info[index], &record->sa);
	record->packets_in = look(&in->packets);
	record->bytes_in = look(&in->bytes);
	record->last_in_s = look(&in->last_s);
	record->highest_in = look(&table->state.records[index].window.top);
	record->bytes_out = look(&out->bytes);
	record->next_out = look(&out->next);
	record->packets_out = record->next_out - out->first;
	record->sa.path_bytes = atomic_load_explicit(&out->path_bytes, memory_order_relaxed);
	return RESULT_OK;
}

uint16_t sa_table_path_start(const struct sa_table *table, uint16_t port)
{
	uint16_t said = port < SA_TABLE_PORTS ? table->config.path_bytes[port] : 0;

	return said != 0 ? said : PATH_MTU_BYTES;
}

void sa_table_dump_keys(const struct sa_table *table, struct contract_sa *sa)
{
	const struct esp_suite *suite = esp_suite_get(sa->suite);

	if (sa->directions & CONTRACT_SA_IN)
		esp_engine_key_material(table->engine, suite, &table->in[sa->index].key,
					sa->key_in);
	if (sa->directions & CONTRACT_SA_OUT)
		esp_engine_key_material(table->engine, suite, &table->out[sa->index].key,
					sa->key_out);
}

/* Has that part of its limit of bytes, either way, or of packets that came been used? */
static bool has_used(const struct sa_table *table, uint32_t index, unsigned part)
{
	const struct sa_info *info = &table->info[index];
	uint64_t bytes = info->hard_bytes / part, packets = info->hard_packets / part;

	if (info->hard_bytes != 0 &&
	    (look(&table->in[index].bytes) >= bytes || look(&table->out[index].bytes) >= bytes))
		return true;
	/* By numbers, not by packets counted since the process began. */
	return info->hard_packets != 0 && look(&table->state.records[index].window.top) >= packets;
}

bool sa_table_is_half_spent(const struct sa_table *table, uint32_t index)
{
	const struct sa_info *info = &table->info[index];

	if (info->state != SA_LIVE || info->owner_kind != CONTRACT_OWNER_PEER)
		return false;
	return has_used(table, index, 2) ||
	       (info->hard_packets != 0 && (info->directions & CONTRACT_SA_OUT) &&
		look(&table->out[index].next) > info->hard_packets / 2);
}

bool sa_table_is_spent(const struct sa_table *table, uint32_t index, uint64_t now_s)
{
	const struct sa_info *info = &table->info[index];
	const struct sa_out *out = &table->out[index];

	if (info->state != SA_LIVE)
		return false;
	if (info->hard_expiry_s != 0 && now_s >= info->hard_expiry_s)
		return true;
	return has_used(table, index, 1) ||
	       ((info->directions & CONTRACT_SA_OUT) && look(&out->next) >= out->end);
}
