/*
 * Gives out SA indices, their generations and owner workers. An SPI is generation << 24 | index;
 * it does not come back with other keys while packets of its old self can still be met: an index
 * rests before it is given out again, and the generation is read off the clock, so that it is
 * another one each time, also after a restart of this process, until 1.27 lifetimes have passed.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_SA_ALLOCATOR_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_SA_ALLOCATOR_H

#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"

struct sa_allocator;

struct sa_slot {
	uint32_t index;
	uint8_t generation; /* 1..255 */
	uint8_t worker;	    /* who opens its packets, in turns */
};

static inline uint32_t sa_slot_spi(const struct sa_slot *slot)
{
	return (uint32_t)slot->generation << LIMIT_SA_INDEX_BITS | slot->index;
}

/*
 * Indices 1..capacity-1 (capacity 2..2^24), workers 1..255; lifetime_s: how long an SA may live,
 * at least 1. RESULT_BAD or RESULT_MEMORY. 16 bytes an index.
 */
SEKISHO_MUST_USE enum result sa_allocator_create(uint32_t capacity, unsigned workers,
						 uint32_t lifetime_s, struct sa_allocator **out);
void sa_allocator_destroy(struct sa_allocator *allocator);

/*
 * Before any is given out: the first is number % (capacity - 1) + 1, then those behind it, at last
 * those before. To be random: what another process gave out and took back just before us, under the
 * generation of this moment, is then hardly met (the data plane would refuse it).
 */
void sa_allocator_begin_at(struct sa_allocator *allocator, uint32_t number);

/* RESULT_SPACE if every index is in use or rests. now_s: Unix time. */
SEKISHO_MUST_USE enum result sa_allocator_take(struct sa_allocator *allocator, uint64_t now_s,
					       struct sa_slot *out);

/* RESULT_NOT_FOUND if that index is not given out under that generation: nothing has changed. */
SEKISHO_MUST_USE enum result sa_allocator_release(struct sa_allocator *allocator, uint32_t index,
						  uint8_t generation, uint64_t now_s);

/*
 * An SA found in the data plane after a restart of this process. RESULT_BAD if the index is out of
 * range or the generation 0, RESULT_EXISTS if it is given out already.
 */
SEKISHO_MUST_USE enum result sa_allocator_adopt(struct sa_allocator *allocator, uint32_t index,
						uint8_t generation);

/* Indices given out. */
uint32_t sa_allocator_used(const struct sa_allocator *allocator);

#endif
