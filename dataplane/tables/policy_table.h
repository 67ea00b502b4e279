/*
 * The policy in force and, for a while, the one before it: an ACK or CANCEL belongs to an INVITE
 * that was judged by what was in force then.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_POLICY_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_POLICY_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/deferred.h"
#include "dataplane/tables/policy_index.h"
#include "shared/result.h"

#define POLICY_PREVIOUS_KEPT_S 600

/* Never changed once published. */
struct policy_pair {
	struct policy_index *current;  /* NULL: none was ever put, everything is denied */
	struct policy_index *previous; /* NULL: none */
	uint64_t previous_until_s;     /* Unix time */
	bool has_caller_groups;	       /* either judges callers by their groups */
	bool has_patterns;	       /* either has some, whose findings are remembered */
};

struct policy_table {
	_Atomic(struct policy_pair *) pair;
	struct deferred *deferred;
	unsigned scanners; /* workers that may look for patterns at once */
	uint64_t serial;   /* of the last one made; the writer's */
};

/* RESULT_OK or RESULT_MEMORY. */
enum result policy_table_init(struct policy_table *table, unsigned scanners,
			      struct deferred *deferred) SEKISHO_MUST_USE;
void policy_table_fini(struct policy_table *table);

/*
 * Writer: the blob's bytes are validated and copied, and are in force from now on; what was in
 * force becomes the previous one. The same bytes again change nothing. RESULT_OK, RESULT_BAD
 * or RESULT_MEMORY.
 */
enum result policy_table_put(struct policy_table *table, const void *blob, size_t length,
			     uint64_t now_s) SEKISHO_MUST_USE;

static inline const struct policy_pair *policy_table_view(const struct policy_table *table)
{
	return atomic_load_explicit(&table->pair, memory_order_acquire);
}

/* Reader: the previous policy while it counts, or NULL. */
static inline const struct policy_index *policy_previous(const struct policy_pair *pair,
							 uint64_t now_s)
{
	return pair->previous && now_s < pair->previous_until_s ? pair->previous : NULL;
}

#endif
