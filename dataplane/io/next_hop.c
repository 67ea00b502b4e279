#include "dataplane/io/next_hop.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_hash.h>
#include <rte_jhash.h>
#include <rte_rcu_qsbr.h>

/* The routes as readers see them: longest prefix first, then lowest metric. */
struct route_set {
	uint32_t count;
	struct next_hop_route routes[NEXT_HOP_ROUTES];
};

struct neighbour_key {
	uint32_t port_and_family; /* one word, as the hash reads it */
	uint8_t bytes[16];
};

#define MAC_IS_KNOWN ((uint64_t)1 << 48)

struct next_hop_table {
	struct route_set draft; /* writer's */
	bool is_draft_newer;
	struct route_set sets[2];
	/* Writer: control lcore (release). Readers: workers (acquire). */
	_Atomic(struct route_set *) current;
	uint64_t token; /* RCU's, of the last swap */
	struct rte_rcu_qsbr *rcu;
	struct rte_hash *neighbours;
	/* By place in the hash: MAC and MAC_IS_KNOWN, in one word so that it is never half of one.
	 * Writer: control lcore. Readers: workers. */
	_Atomic uint64_t macs[];
};

static struct rte_hash *neighbours_create(struct rte_rcu_qsbr *rcu, unsigned socket)
{
	char name[RTE_HASH_NAMESIZE];
	struct rte_hash_parameters parameters = {
		.name = name,
		.entries = NEXT_HOP_NEIGHBOURS,
		.key_len = sizeof(struct neighbour_key),
		.hash_func = rte_jhash,
		.socket_id = (int)socket,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF,
	};
	struct rte_hash_rcu_config deferral = {.v = rcu, .mode = RTE_HASH_QSBR_MODE_DQ};
	struct rte_hash *hash;

	snprintf(name, sizeof(name), "sk_neighbours");
	hash = rte_hash_create(&parameters);
	if (hash && rcu && rte_hash_rcu_qsbr_add(hash, &deferral) != 0) {
		rte_hash_free(hash);
		return NULL;
	}
	return hash;
}

enum result next_hop_table_create(struct rte_rcu_qsbr *rcu, unsigned socket,
				  struct next_hop_table **table)
{
	struct rte_hash *hash = neighbours_create(rcu, socket);
	struct next_hop_table *made;
	size_t places;

	if (!hash)
		return RESULT_MEMORY;
	places = (size_t)rte_hash_max_key_id(hash) + 1;
	made = calloc(1, sizeof(*made) + places * sizeof(made->macs[0]));
	if (!made) {
		rte_hash_free(hash);
		return RESULT_MEMORY;
	}
	made->neighbours = hash;
	made->rcu = rcu;
	atomic_store_explicit(&made->current, &made->sets[0], memory_order_release);
	*table = made;
	return RESULT_OK;
}

void next_hop_table_destroy(struct next_hop_table *table)
{
	if (!table)
		return;
	rte_hash_free(table->neighbours);
	free(table);
}

static size_t family_bytes(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static bool prefix_is_equal(const struct next_hop_route *a, const struct next_hop_route *b)
{
	return a->port == b->port && a->bits == b->bits && a->prefix.family == b->prefix.family &&
	       memcmp(a->prefix.bytes, b->prefix.bytes, family_bytes(a->prefix.family)) == 0;
}

static bool address_is_equal(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family &&
	       (a->family == 0 || memcmp(a->bytes, b->bytes, family_bytes(a->family)) == 0);
}

static bool route_is_same(const struct next_hop_route *a, const struct next_hop_route *b)
{
	return prefix_is_equal(a, b) && a->metric == b->metric &&
	       address_is_equal(&a->gateway, &b->gateway);
}

static bool route_is_before(const struct next_hop_route *a, const struct next_hop_route *b)
{
	return a->bits != b->bits ? a->bits > b->bits : a->metric < b->metric;
}

enum result next_hop_route_add(struct next_hop_table *table, const struct next_hop_route *route)
{
	struct route_set *draft = &table->draft;
	uint32_t at = 0;

	for (uint32_t i = 0; i < draft->count; i++)
		if (route_is_same(&draft->routes[i], route))
			return RESULT_OK;
	if (draft->count == NEXT_HOP_ROUTES)
		return RESULT_SPACE;
	while (at < draft->count && !route_is_before(route, &draft->routes[at]))
		at++;
	memmove(&draft->routes[at + 1], &draft->routes[at],
		(draft->count - at) * sizeof(draft->routes[0]));
	draft->routes[at] = *route;
	draft->count++;
	table->is_draft_newer = true;
	return RESULT_OK;
}

enum result next_hop_route_delete(struct next_hop_table *table, const struct next_hop_route *route)
{
	struct route_set *draft = &table->draft;

	for (uint32_t i = 0; i < draft->count; i++) {
		if (!route_is_same(&draft->routes[i], route))
			continue;
		draft->count--;
		memmove(&draft->routes[i], &draft->routes[i + 1],
			(draft->count - i) * sizeof(draft->routes[0]));
		table->is_draft_newer = true;
		return RESULT_OK;
	}
	return RESULT_NOT_FOUND;
}

void next_hop_routes_clear(struct next_hop_table *table)
{
	table->draft.count = 0;
	table->is_draft_newer = true;
}

bool next_hop_publish(struct next_hop_table *table)
{
	struct route_set *current = atomic_load_explicit(&table->current, memory_order_relaxed);
	struct route_set *other = current == &table->sets[0] ? &table->sets[1] : &table->sets[0];

	if (!table->is_draft_newer)
		return true;
	if (table->rcu && table->token && rte_rcu_qsbr_check(table->rcu, table->token, false) != 1)
		return false;
	*other = table->draft;
	atomic_store_explicit(&table->current, other, memory_order_release);
	if (table->rcu)
		table->token = rte_rcu_qsbr_start(table->rcu);
	table->is_draft_newer = false;
	return true;
}

static struct neighbour_key neighbour_key_make(uint8_t port, const struct contract_address *address)
{
	struct neighbour_key key = {.port_and_family = port | (uint32_t)address->family << 8};

	if (address->family == 4)
		memcpy(key.bytes, address->bytes, 4);
	else
		memcpy(key.bytes, address->bytes, sizeof(key.bytes));
	return key;
}

enum result next_hop_neighbour_set(struct next_hop_table *table, uint8_t port,
				   const struct contract_address *address,
				   const struct rte_ether_addr *mac)
{
	struct neighbour_key key = neighbour_key_make(port, address);
	int32_t at = rte_hash_lookup(table->neighbours, &key);
	uint64_t word = 0;

	memcpy(&word, mac->addr_bytes, RTE_ETHER_ADDR_LEN);
	if (at < 0) {
		/* The place may have been another's: no reader finds it before this clears it. */
		at = rte_hash_add_key(table->neighbours, &key);
		if (at < 0)
			return RESULT_SPACE;
	}
	atomic_store_explicit(&table->macs[at], word | MAC_IS_KNOWN, memory_order_release);
	return RESULT_OK;
}

void next_hop_neighbour_clear(struct next_hop_table *table, uint8_t port,
			      const struct contract_address *address)
{
	struct neighbour_key key = neighbour_key_make(port, address);
	int32_t at = rte_hash_lookup(table->neighbours, &key);

	if (at < 0)
		return;
	atomic_store_explicit(&table->macs[at], 0, memory_order_release);
	(void)rte_hash_del_key(table->neighbours, &key);
}

static bool prefix_holds(const struct next_hop_route *route, const uint8_t *bytes)
{
	size_t whole = route->bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> (route->bits % 8));

	if (memcmp(route->prefix.bytes, bytes, whole) != 0)
		return false;
	return mask == 0 || ((route->prefix.bytes[whole] ^ bytes[whole]) & mask) == 0;
}

static const struct next_hop_route *route_find(const struct route_set *set, uint8_t port,
					       const struct contract_address *destination)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct next_hop_route *route = &set->routes[i];

		if (route->port == port && route->prefix.family == destination->family &&
		    prefix_holds(route, destination->bytes))
			return route;
	}
	return NULL;
}

enum result next_hop_find(const struct next_hop_table *table, uint8_t port,
			  const struct contract_address *destination,
			  struct contract_address *neighbour, struct rte_ether_addr *mac)
{
	const struct route_set *set = atomic_load_explicit(&table->current, memory_order_acquire);
	const struct next_hop_route *route = route_find(set, port, destination);
	const struct contract_address *next = destination;
	struct neighbour_key key;
	uint64_t word;
	int32_t at;

	if (!route)
		return RESULT_NOT_FOUND;
	if (route->gateway.family)
		next = &route->gateway;
	neighbour->family = next->family;
	neighbour->pad = 0;
	neighbour->port = 0;
	memcpy(neighbour->bytes, next->bytes, sizeof(neighbour->bytes));
	key = neighbour_key_make(port, next);
	at = rte_hash_lookup(table->neighbours, &key);
	if (at < 0)
		return RESULT_MORE;
	word = atomic_load_explicit(&table->macs[at], memory_order_acquire);
	if (!(word & MAC_IS_KNOWN))
		return RESULT_MORE;
	memcpy(mac->addr_bytes, &word, RTE_ETHER_ADDR_LEN);
	return RESULT_OK;
}
