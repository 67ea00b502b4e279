/*
 * SAs in chains by a hash of something that they have: one of the ways in which the control lcore finds
 * them. The path itself never asks.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_CHAIN_H
#define SEKISHO_DATAPLANE_TABLES_SA_CHAIN_H

#include <stdint.h>

#include "shared/result.h"

struct sa_info;

/* What they are found by, each with a place of its own in sa_info's next_in. */
enum sa_chain_of { SA_CHAIN_SPI, SA_CHAIN_OUTER, SA_CHAINS };

struct sa_chain {
	uint32_t *first; /* [mask + 1] indices, 0: none; chained by next_in[of] */
	uint32_t mask;
	uint32_t seed; /* terminals choose SPIs: they must not choose their chain */
	enum sa_chain_of of;
};

/* RESULT_OK or RESULT_MEMORY. */
enum result sa_chain_create(uint32_t capacity, uint32_t seed, enum sa_chain_of of,
			    struct sa_chain *chain) SEKISHO_MUST_USE;
void sa_chain_destroy(struct sa_chain *chain);

/* The SA of that index begins, or ends, to be found by this key. */
void sa_chain_add(struct sa_chain *chain, struct sa_info *info, uint32_t index, uint32_t key);
void sa_chain_remove(struct sa_chain *chain, struct sa_info *info, uint32_t index, uint32_t key);

/* The first SA that may have this key, 0: none; the next by its next_in[of]. */
uint32_t sa_chain_first(const struct sa_chain *chain, uint32_t key);

#endif
