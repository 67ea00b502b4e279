#include "controlplane/registrar/name_map.h"

#include <stdlib.h>

#define CHAINS_AT_FIRST 256

enum result name_map_init(struct name_map *map, uint32_t seed)
{
	*map = (struct name_map){.seed = seed, .chain_count = CHAINS_AT_FIRST};
	map->chains = calloc(map->chain_count, sizeof(*map->chains));
	return map->chains ? RESULT_OK : RESULT_MEMORY;
}

void name_map_fini(struct name_map *map)
{
	free(map->chains);
	*map = (struct name_map){0};
}

/* FNV-1a from a seed nobody outside knows, its bits mixed at the end. */
static uint32_t hash_of(const struct name_map *map, struct slice name)
{
	uint64_t hash = 0xcbf29ce484222325u ^ ((uint64_t)map->seed << 32 | map->seed);

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 0x100000001b3u;
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdu;
	return (uint32_t)(hash >> 32);
}

static struct name_node **chain_of(const struct name_map *map, uint32_t hash)
{
	return &map->chains[hash & (map->chain_count - 1)];
}

struct name_node *name_map_find(const struct name_map *map, struct slice name)
{
	uint32_t hash = hash_of(map, name);
	struct name_node *node = *chain_of(map, hash);

	while (node && (node->hash != hash || !slice_is_equal(node->name, name)))
		node = node->next;
	return node;
}

static void link_node(struct name_map *map, struct name_node *node)
{
	struct name_node **chain = chain_of(map, node->hash);

	node->next = *chain;
	*chain = node;
}

static void grow(struct name_map *map)
{
	struct name_map bigger = *map;

	bigger.chain_count = map->chain_count * 2;
	bigger.chains = calloc(bigger.chain_count, sizeof(*bigger.chains));
	if (!bigger.chains)
		return;
	for (size_t i = 0; i < map->chain_count; i++) {
		struct name_node *node = map->chains[i];

		while (node) {
			struct name_node *next = node->next;

			link_node(&bigger, node);
			node = next;
		}
	}
	free(map->chains);
	*map = bigger;
}

void name_map_add(struct name_map *map, struct name_node *node, struct slice name)
{
	if (map->count >= map->chain_count)
		grow(map);
	node->name = name;
	node->hash = hash_of(map, name);
	link_node(map, node);
	map->count++;
}

void name_map_remove(struct name_map *map, struct name_node *node)
{
	struct name_node **link = chain_of(map, node->hash);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	map->count--;
}

struct name_node *name_map_next(const struct name_map *map, const struct name_node *node)
{
	size_t i = 0;

	if (node) {
		if (node->next)
			return node->next;
		i = (node->hash & (map->chain_count - 1)) + 1;
	}
	while (i < map->chain_count && !map->chains[i])
		i++;
	return i < map->chain_count ? map->chains[i] : NULL;
}
