/*
 * The names known here, by canonical AOR: whether they exist, their groups, the terminal that
 * answers for them. Open addressing over pointers that carry a bit of the hash, so that a look-up
 * costs one cache line of the table and one record; records are never changed, only replaced.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_IDENTITY_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_IDENTITY_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/deferred.h"
#include "dataplane/tables/slab.h"
#include "dataplane/tables/text_key.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct identity {
	uint64_t hash;
	uint32_t binding_index; /* primary binding, 0: not registered */
	uint16_t binding_generation;
	uint8_t kind; /* enum contract_identity_kind */
	uint8_t minimum_level;
	bool must_be_secure;
	uint8_t group_count;
	uint8_t aor_length;
	uint8_t sibling; /* not registered here: index of the peer that has it, 0: none */
	uint16_t bytes; /* of the record */
	uint16_t pad2;
	uint32_t group[]; /* group_count of them, then the AOR */
};

static inline struct slice identity_aor(const struct identity *identity)
{
	return slice_make(&identity->group[identity->group_count], identity->aor_length);
}

struct identity_buckets;

struct identity_table {
	_Atomic(struct identity_buckets *) buckets;
	uint32_t count; /* writer's: records */
	uint32_t used;	/* writer's: places that are not empty, tombstones included */
	struct slab *slab;
	struct deferred *deferred;
};

/* slab and deferred are borrowed. RESULT_OK or RESULT_MEMORY. */
enum result identity_table_init(struct identity_table *table, struct slab *slab,
				struct deferred *deferred) SEKISHO_MUST_USE;
void identity_table_fini(struct identity_table *table);

/* Writer: adds or replaces. RESULT_OK, RESULT_BAD (a value out of range) or RESULT_MEMORY. */
enum result identity_table_put(struct identity_table *table,
			       const struct contract_identity *put) SEKISHO_MUST_USE;

/* Writer: RESULT_OK, RESULT_NOT_FOUND or RESULT_MEMORY. */
enum result identity_table_delete(struct identity_table *table, struct slice aor) SEKISHO_MUST_USE;

/* Reader: NULL if the name is not known. */
const struct identity *identity_table_find(const struct identity_table *table,
					   const struct text_key *aor);

/* Reader: brings the table's cache line for this name near, for a look-up soon to come. */
void identity_table_prefetch(const struct identity_table *table, uint64_t hash);

/* Reader: what that line leads to, by no more than the hash's tag: not to be decided by. NULL: it
 * stands far from its first place, or nowhere. */
const struct identity *identity_table_guess(const struct identity_table *table, uint64_t hash);

/* Reader: brings the guess near. */
void identity_table_prefetch_record(const struct identity_table *table, uint64_t hash);

/* Bytes of the bucket array; the records are the slab's. */
size_t identity_table_footprint(const struct identity_table *table);

#endif
