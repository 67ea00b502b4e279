/*
 * The table of SAs by index. One writer, the control lcore; the workers read under rte_rcu_qsbr. An
 * SA that is deleted is unfindable at once; its memory is wiped and its index usable again after
 * every worker has been quiescent and sa_table_reclaim() has run.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_SA_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bounds.h"
#include "dataplane/esp/state_file.h"
#include "dataplane/tables/sa.h"
#include "dataplane/tables/sa_memory.h"
#include "dataplane/tables/sa_spi.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct rte_rcu_qsbr;
struct esp_device;
struct esp_engine;
struct sa_info;

#define SA_TABLE_PORTS 8 /* as many as the contract can name */

struct sa_table_config {
	uint32_t capacity;	  /* indices 1..capacity-1; at most 1 << 24 */
	uint16_t workers;	  /* SAs are owned by 0..workers-1 */
	uint8_t dscp;		  /* sa_table_dscp_set(), until then */
	bool is_memory_locked;	  /* keys never reach a swap device; needs the right to lock */
	bool is_huge;		  /* try hugepages first */
	const char *state_path;	  /* state_file_open() */
	uint16_t path_bytes[SA_TABLE_PORTS]; /* by port: what every path carries; 0: PATH_MTU_BYTES */
	const struct esp_device *device; /* who keeps the keys; NULL: IPsec-MB's in our own memory */
	struct rte_rcu_qsbr *rcu; /* of the workers; NULL: no readers but the writer (tests) */
};

struct sa_table {
	struct sa_in *in;   /* [capacity] */
	struct sa_out *out; /* [capacity] */
	uint32_t capacity;
	uint16_t workers;
	/* No SA's path_bytes is less. Writer: control lcore, downwards. Readers: workers, relaxed. */
	_Atomic uint16_t narrowest_path;
	struct state_file state;
	/* From here on for the control lcore only. */
	struct sa_table_config config;
	struct sa_info *info; /* [capacity] */
	struct sa_chain by_spi;	  /* those that send (sa_spi.h) */
	struct sa_chain by_outer; /* those that send, by where to (sa_path.h) */
	struct esp_engine *engine;
	struct sa_memory in_memory;
	struct sa_memory out_memory;
	uint32_t first_pending; /* deleted, not yet reclaimed: a list by index, oldest first */
	uint32_t last_pending;
	uint32_t live;	  /* SAs that can be found */
	uint32_t pending; /* SAs that wait for sa_table_reclaim() */
};

/* RESULT_OK, RESULT_BAD (config), RESULT_MEMORY, RESULT_IO (errno) and state_file_open()'s. */
enum result sa_table_create(const struct sa_table_config *config,
			    struct sa_table **table) SEKISHO_MUST_USE;
/* Wipes all keys. The state file stays, for the next process to resume. */
void sa_table_destroy(struct sa_table *table);

/*
 * Put an SA in, as the contract has it. The same index, generation and keys again change what may
 * change of a live SA: owner_index and owner_generation. Where its other side is out there, the data
 * plane knows better: that stays.
 * RESULT_OK; RESULT_BAD (a field breaks its range, or a suite that is not there); RESULT_EXISTS
 * (the index is taken by another SA or not reclaimed yet, or the keys were used before);
 * RESULT_NOT_FOUND and RESULT_STALE (is_refill: the state file has no record of this SA that can
 * be resumed; the terminal must attach anew); RESULT_MEMORY; RESULT_IO.
 */
enum result sa_table_put(struct sa_table *table, const struct contract_sa *sa) SEKISHO_MUST_USE;

/*
 * The other side of this SA has another outer address now, proved by a probe. RESULT_OK;
 * RESULT_NOT_FOUND: no such SA, no tunnel, or another family; RESULT_MORE: it moved twice within one
 * grace period, ask again.
 */
enum result sa_table_move(struct sa_table *table, uint32_t index, uint8_t generation,
			  const struct contract_address *outer) SEKISHO_MUST_USE;

/* RESULT_OK, or RESULT_NOT_FOUND if that generation is not in the table. */
enum result sa_table_delete(struct sa_table *table, uint32_t index,
			    uint8_t generation) SEKISHO_MUST_USE;

/* Of all that is sealed by SAs put from now on, inner and outer header: 0..63. */
void sa_table_dscp_set(struct sa_table *table, uint8_t dscp);

/* Wipe and free what no worker can be using any more. Returns how many are left waiting. */
uint32_t sa_table_reclaim(struct sa_table *table);

/* All of one SA for a dump, keys left zero. RESULT_OK or RESULT_NOT_FOUND (index not in use). */
enum result sa_table_dump(const struct sa_table *table, uint32_t index,
			  struct contract_sa_record *record) SEKISHO_MUST_USE;

/* The raw keys of an SA that sa_table_dump() has told, into its record; the caller wipes it. */
void sa_table_dump_keys(const struct sa_table *table, struct contract_sa *sa);

/* What an SA by this port takes its path to carry before anything is known of it. */
uint16_t sa_table_path_start(const struct sa_table *table, uint16_t port);

/* Is this SA a peer's, and has half of its hard limit of packets or bytes been used, either way? */
bool sa_table_is_half_spent(const struct sa_table *table, uint32_t index);

/* Is this SA past its hard limit of time (Unix time now_s), packets or bytes, either way? */
bool sa_table_is_spent(const struct sa_table *table, uint32_t index, uint64_t now_s);

/* The inbound half for an SPI, or NULL. */
static inline struct sa_in *sa_table_find_in(const struct sa_table *table, uint32_t spi)
{
	uint32_t index = SA_INDEX(spi);

	if (index >= table->capacity || spi == index)
		return NULL;
	if (atomic_load_explicit(&table->in[index].handle, memory_order_acquire) != spi)
		return NULL;
	return &table->in[index];
}

/* Of an SPI that sa_table_find_in() did not find: was it given out once, not long ago? */
static inline bool sa_table_is_stale(const struct sa_table *table, uint32_t spi)
{
	uint32_t index = SA_INDEX(spi), last;

	if (index >= table->capacity || spi == index)
		return false;
	last = atomic_load_explicit(&table->in[index].last_handle, memory_order_relaxed);
	return last != 0 && (uint8_t)(SA_GENERATION(last) - SA_GENERATION(spi)) < 128;
}

/* What the path of every SA there is carries. */
static inline uint16_t sa_table_narrowest_path(const struct sa_table *table)
{
	return atomic_load_explicit(&table->narrowest_path, memory_order_relaxed);
}

/* The outbound half of an SA by handle, or NULL if it is gone. */
static inline struct sa_out *sa_table_find_out(const struct sa_table *table, uint32_t handle)
{
	uint32_t index = SA_INDEX(handle);
	struct sa_out *out;

	if (index >= table->capacity || handle == 0)
		return NULL;
	out = &table->out[index];
	if (atomic_load_explicit(&out->handle, memory_order_acquire) != handle)
		return NULL;
	return out;
}

static inline struct state_record *sa_table_record(const struct sa_table *table, uint32_t index)
{
	return &table->state.records[index];
}

#endif
