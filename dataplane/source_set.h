/*
 * The outer addresses that live SAs go to: from nobody else are fragments put together. Writer: the
 * control lcore. Readers: workers; a change that they see late costs or saves one fragment.
 */
#ifndef SEKISHO_DATAPLANE_SOURCE_SET_H
#define SEKISHO_DATAPLANE_SOURCE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct source_set;

/* Room for about `sources`; seed: secret, so that nobody chooses whom he collides with. RESULT_OK
 * or RESULT_MEMORY. */
enum result source_set_create(uint32_t sources, uint64_t seed,
			      struct source_set **set) SEKISHO_MUST_USE;
void source_set_destroy(struct source_set *set);

/* One more SA, or one less, goes to the address (its port is not looked at). What finds no room is
 * left out and counted. */
void source_set_add(struct source_set *set, const struct contract_address *address);
void source_set_remove(struct source_set *set, const struct contract_address *address);
uint64_t source_set_left_out(const struct source_set *set);

/* Readers: does an SA go there? */
bool source_set_has(const struct source_set *set, const struct contract_address *address);

#endif
