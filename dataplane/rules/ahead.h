/*
 * What a later step will read, asked for early: a table's entry for a message is seldom in a cache
 * near by, and what leads to it (bucket, record, slot, binding, SA) are misses one behind the
 * other. Each step asks for the next of them and goes on with the other messages of the burst; what lies in
 * a page of its own is asked for in a loop with nothing else in it, so that the pages are walked
 * to together (decision 42).
 * Nothing here decides anything: a wrong guess costs a cache line.
 */
#ifndef SEKISHO_DATAPLANE_RULES_AHEAD_H
#define SEKISHO_DATAPLANE_RULES_AHEAD_H

#include <rte_prefetch.h>

#include "dataplane/rules/packet_rules.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/touch.h"

/* The pointer to a binding. */
static inline void ahead_slot(const struct binding_table *table, uint32_t index)
{
	if (index < table->capacity)
		rte_prefetch0((const void *)&table->slot[index]);
}

/* The binding, whose pointer ahead_slot asked for: its fields, names and texts. */
static inline void ahead_binding(const struct binding_table *table, uint32_t index)
{
	const char *binding = (const char *)binding_table_at(table, index);

	if (!binding)
		return;
	rte_prefetch0(binding);
	rte_prefetch0(binding + SLAB_CLASS_BYTES);
	rte_prefetch0(binding + 2 * SLAB_CLASS_BYTES);
}

/* The same in a loop over a burst (touch.h): fields, host and names, as far as three lines go. */
static inline void ahead_binding_touch(const struct binding_table *table, uint32_t index)
{
	const struct binding *binding = binding_table_at(table, index);
	const char *at = (const char *)binding;

	if (!binding)
		return;
	if (binding->bytes > SLAB_CLASS_BYTES)
		touch(at + SLAB_CLASS_BYTES);
	if (binding->bytes > 2 * SLAB_CLASS_BYTES)
		touch(at + 2 * SLAB_CLASS_BYTES);
}

/* After from_check: where caller and callee, or the other leg of a dialog, are looked up. */
void ahead_buckets(struct packet_rules *rules);
/* Before hop_check, in a loop over a burst: what stands there. */
void ahead_records(const struct packet_rules *rules);
/* Before dialog: the callee's binding's place. */
void ahead_callee(const struct packet_rules *rules);

#endif
