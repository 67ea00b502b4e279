/*
 * SAs whose end was ordered: they go once what the control plane sent on them before has left. A
 * de-registration is answered before its SA goes (docs/protocol.md 1.8), and the answer is still in
 * its worker's ring when the order to delete comes.
 */
#ifndef SEKISHO_DATAPLANE_SA_LEAVING_H
#define SEKISHO_DATAPLANE_SA_LEAVING_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct rte_rcu_qsbr;
struct rte_ring;
struct sa_table;

/* At once; they take a turn of a worker each, milliseconds. */
#define SA_LEAVING_MAX 1024

struct sa_leaving_one {
	const struct rte_ring *injected; /* of the worker that sends on it */
	uint64_t token;			 /* of rte_rcu_qsbr_start, once the ring is past `sent` */
	uint32_t index;
	uint32_t sent; /* where the ring's producer stood */
	uint8_t generation;
	bool is_drained;
};

/* All zero is empty. The control lcore's own. */
struct sa_leaving {
	struct sa_leaving_one ones[SA_LEAVING_MAX]; /* a ring, oldest at first */
	unsigned first;
	unsigned count;
};

/* Told of each SA as it goes. */
typedef void sa_leaving_gone(void *context, const struct contract_sa *sa);

/* RESULT_OK, RESULT_NOT_FOUND (no such SA, or on its way already), RESULT_SPACE. */
enum result sa_leaving_order(struct sa_leaving *leaving, struct sa_table *sas,
			     const struct rte_ring *injected, uint32_t index,
			     uint8_t generation) SEKISHO_MUST_USE;

/*
 * Deletes those whose time has come, never waits; readers are the workers (NULL: none). How many
 * are still on their way.
 */
unsigned sa_leaving_do(struct sa_leaving *leaving, struct sa_table *sas,
		       struct rte_rcu_qsbr *readers, sa_leaving_gone *gone, void *context);

#endif
