#include "dataplane/tables/peer_table.h"

#include <stdlib.h>
#include <string.h>

#include "dataplane/tables/peer_picture.h"

static struct peer_picture *picture_view(const struct peer_table *table)
{
	return atomic_load_explicit(&table->picture, memory_order_acquire);
}

static void picture_free(void *context, void *memory)
{
	(void)context;
	free(memory);
}

enum result peer_table_init(struct peer_table *table, struct deferred *deferred)
{
	struct peer_picture *picture = calloc(1, sizeof(*picture));

	if (!picture)
		return RESULT_MEMORY;
	memset(table, 0, sizeof(*table));
	table->deferred = deferred;
	atomic_store_explicit(&table->picture, picture, memory_order_release);
	return RESULT_OK;
}

void peer_table_fini(struct peer_table *table)
{
	struct peer_picture *picture = picture_view(table);

	for (unsigned i = 0; picture && i < PEER_CAPACITY; i++)
		free(picture->peer[i]);
	free(picture);
	memset(table, 0, sizeof(*table));
}

/* Publishes a copy of the picture with this one peer changed; NULL takes it out. */
static enum result picture_change(struct peer_table *table, uint32_t index, struct peer *made)
{
	struct peer_picture *old = picture_view(table), *copy;

	if (deferred_reserve(table->deferred, 2) != RESULT_OK)
		return RESULT_MEMORY;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return RESULT_MEMORY;
	memcpy(copy->peer, old->peer, sizeof(copy->peer));
	copy->peer[index] = made;
	peer_picture_index(copy);
	atomic_store_explicit(&table->picture, copy, memory_order_release);
	deferred_put(table->deferred, picture_free, NULL, old->peer[index]);
	deferred_put(table->deferred, picture_free, NULL, old);
	return RESULT_OK;
}

enum result peer_table_put(struct peer_table *table, const struct contract_peer *put)
{
	struct peer *made;
	enum result result = peer_make(put, &made);

	if (result != RESULT_OK)
		return result;
	result = picture_change(table, put->index, made);
	if (result != RESULT_OK)
		free(made);
	return result;
}

enum result peer_table_delete(struct peer_table *table, uint32_t index)
{
	if (!peer_table_at(table, index))
		return RESULT_NOT_FOUND;
	return picture_change(table, index, NULL);
}

const struct peer *peer_table_at(const struct peer_table *table, uint32_t index)
{
	return index < PEER_CAPACITY ? picture_view(table)->peer[index] : NULL;
}

const struct peer *peer_table_by_address(const struct peer_table *table,
					 const struct sip_address *address)
{
	return peer_picture_by_address(picture_view(table), address);
}

const struct peer *peer_table_by_domain(const struct peer_table *table,
					const struct text_key *domain)
{
	return peer_picture_by_domain(picture_view(table), domain);
}

const struct peer *peer_table_by_leg(const struct peer_table *table,
				     const uint8_t leg[PEER_LEG_BYTES])
{
	return peer_picture_by_leg(picture_view(table), leg);
}

const struct peer *peer_table_choose(const struct peer_table *table, const struct peer *peer,
				     uint64_t hash)
{
	return peer_picture_choose(picture_view(table), peer, hash);
}

bool peer_table_is_one_of_many(const struct peer_table *table, const struct peer *peer)
{
	return picture_view(table)->choice[peer->index].gateways > 1;
}

const struct peer *peer_table_beside(const struct peer_table *table, const struct peer *peer,
				     const struct sip_address *address)
{
	const struct peer *found;

	if (!peer_table_is_one_of_many(table, peer))
		return NULL;
	found = peer_table_by_address(table, address);
	return found && peer_is_of_one_leg(peer, found) ? found : NULL;
}

bool peer_table_has_siblings(const struct peer_table *table)
{
	return picture_view(table)->has_siblings;
}
