#include "dataplane/tables/sa_chain.h"

#include <stdlib.h>

#include "dataplane/tables/sa_info.h"

enum result sa_chain_create(uint32_t capacity, uint32_t seed, enum sa_chain_of of,
			    struct sa_chain *chain)
{
	uint32_t places = 16;

	while (places < capacity)
		places *= 2;
	chain->first = calloc(places, sizeof(*chain->first));
	if (chain->first == NULL)
		return RESULT_MEMORY;
	chain->mask = places - 1;
	chain->seed = seed;
	chain->of = of;
	return RESULT_OK;
}

void sa_chain_destroy(struct sa_chain *chain)
{
	free(chain->first);
	chain->first = NULL;
}

static uint32_t *first_of(const struct sa_chain *chain, uint32_t key)
{
	uint64_t mixed = (key ^ chain->seed) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return &chain->first[(uint32_t)(mixed >> 32) & chain->mask];
}

void sa_chain_add(struct sa_chain *chain, struct sa_info *info, uint32_t index, uint32_t key)
{
	uint32_t *first = first_of(chain, key);

	info[index].next_in[chain->of] = *first;
	*first = index;
}

void sa_chain_remove(struct sa_chain *chain, struct sa_info *info, uint32_t index, uint32_t key)
{
	uint32_t *at = first_of(chain, key);

	while (*at != index && *at != 0)
		at = &info[*at].next_in[chain->of];
	if (*at == index)
		*at = info[index].next_in[chain->of];
	info[index].next_in[chain->of] = 0;
}

uint32_t sa_chain_first(const struct sa_chain *chain, uint32_t key)
{
	return *first_of(chain, key);
}
