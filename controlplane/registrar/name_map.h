/* Things found by a name: a chained hash table of nodes that they embed. */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_NAME_MAP_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_NAME_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/slice.h"

/* Embedded; the name must stay as long as the node is in the map. */
struct name_node {
	struct name_node *next;
	struct slice name;
	uint32_t hash;
};

struct name_map {
	struct name_node **chains;
	size_t chain_count; /* a power of two */
	size_t count;
	uint32_t seed; /* random, so that nobody can choose names that meet in one chain */
};

SEKISHO_MUST_USE enum result name_map_init(struct name_map *map, uint32_t seed);
void name_map_fini(struct name_map *map);

struct name_node *name_map_find(const struct name_map *map, struct slice name);

/* The name must not be there yet. Grows when it can; without memory it becomes slower. */
void name_map_add(struct name_map *map, struct name_node *node, struct slice name);
void name_map_remove(struct name_map *map, struct name_node *node);

/* Any node, or the one after `node`; NULL at the end. The map must not change meanwhile. */
struct name_node *name_map_next(const struct name_map *map, const struct name_node *node);

/* The nodes of the chain with this number, by their `next`; NULL: none are in it. */
static inline struct name_node *name_map_chain(const struct name_map *map, size_t number)
{
	return number < map->chain_count ? map->chains[number] : NULL;
}

#endif
