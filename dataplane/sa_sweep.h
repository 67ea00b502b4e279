/* A part of the table of SAs looked at now and then: those past their hard limits are taken out. */
#ifndef SEKISHO_DATAPLANE_SA_SWEEP_H
#define SEKISHO_DATAPLANE_SA_SWEEP_H

#include <stdint.h>

struct contract_sa;
struct sa_table;

#define SA_SWEEP_STEP_MS 100
#define SA_SWEEP_STEPS	 20 /* a round through the whole table takes that many */

/* All zero at the start. */
struct sa_sweep {
	uint32_t next;	 /* index to look at next */
	uint64_t due_ms; /* when */
};

/*
 * Told of SAs: each that was taken out; each of a peer's, every round, that is spent by half; and
 * each index that was looked at and whose SA, if any, stays.
 */
struct sa_sweep_events {
	void *context;
	void (*spent)(void *context, const struct contract_sa *sa);
	void (*half_spent)(void *context, uint32_t index, uint8_t generation);
	void (*visited)(void *context, uint32_t index);
};

/* Look at the next part of the table, if it is time to (Unix time in ms). */
void sa_sweep_do(struct sa_sweep *sweep, struct sa_table *sas, uint64_t now_ms,
		 const struct sa_sweep_events *events);

#endif
