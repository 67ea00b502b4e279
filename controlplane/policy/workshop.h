/*
 * Where policies are built while the event loop goes on: one thread, one policy at a time. Who
 * waits for it gives way to a newer one; what is being built is finished, as it is newer than what
 * is in force, and the newest is built next.
 */
#ifndef SEKISHO_CONTROLPLANE_POLICY_WORKSHOP_H
#define SEKISHO_CONTROLPLANE_POLICY_WORKSHOP_H

#include "controlplane/policy/compile.h"

struct event_base;
struct policy_workshop;

/* What came of one order; who is told takes source and compiled. */
struct policy_work {
	struct policy_source *source;
	uint64_t generation;
	enum result result; /* of policy_source_build() */
	struct policy_fault fault;
	struct policy_compiled compiled; /* RESULT_OK */
	uint32_t patterns;
	uint32_t took_ms;
};

/* In the event loop's thread. */
typedef void policy_work_done(void *ctx, struct policy_work *work);

SEKISHO_MUST_USE enum result policy_workshop_create(struct event_base *base,
						    policy_work_done *done, void *ctx,
						    struct policy_workshop **workshop);

/* Waits for what is being built, which Hyperscan cannot be told to leave. NULL is none. */
void policy_workshop_destroy(struct policy_workshop *workshop);

/* Takes the source, until the work is done. */
void policy_workshop_order(struct policy_workshop *workshop, struct policy_source *source);

/* The generation that is being built or waits, the newest; 0: none. */
uint64_t policy_workshop_generation(struct policy_workshop *workshop);

#endif
