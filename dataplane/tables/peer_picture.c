#include "dataplane/tables/peer_picture.h"

#include <stdlib.h>
#include <string.h>

static uint64_t address_hash(const struct sip_address *address)
{
	return text_hash(slice_make(address->bytes, address->family == 4 ? 4 : 16));
}

static uint64_t leg_hash(const uint8_t leg[PEER_LEG_BYTES])
{
	return text_hash(slice_make(leg, PEER_LEG_BYTES));
}

static void place_add(peer_place *places, uint64_t hash, unsigned index, unsigned which)
{
	uint64_t i = hash % PEER_PICTURE_PLACES;

	while (places[i] != 0)
		i = (i + 1) % PEER_PICTURE_PLACES;
	places[i] = (peer_place)(index << 3 | which);
}

static void picture_add(struct peer_picture *picture, const struct peer *peer)
{
	for (unsigned i = 0; i < peer->address_count; i++)
		place_add(picture->by_address, address_hash(&peer->address[i]), peer->index, i);
	for (unsigned i = 0; i < peer->domain_count; i++)
		place_add(picture->by_domain, peer->domain[i].hash, peer->index, i);
	place_add(picture->by_leg, leg_hash(peer->leg), peer->index, 0);
}

bool peer_is_of_one_leg(const struct peer *a, const struct peer *b)
{
	return memcmp(a->leg, b->leg, PEER_LEG_BYTES) == 0;
}

static void choice_add(struct peer_choice *choice, const struct peer_picture *picture,
		       const struct peer *peer)
{
	if (choice->count > 0 && picture->peer[choice->index[0]]->priority > peer->priority)
		*choice = (struct peer_choice){.gateways = choice->gateways};
	if (choice->count == PEER_CHOICES ||
	    (choice->count > 0 && picture->peer[choice->index[0]]->priority < peer->priority))
		return;
	choice->index[choice->count++] = peer->index;
	choice->weight = (uint16_t)(choice->weight + peer->weight);
}

static struct peer_choice choice_make(const struct peer_picture *picture, const struct peer *peer)
{
	struct peer_choice choice = {0};

	for (unsigned i = 1; i < PEER_CAPACITY; i++) {
		const struct peer *other = picture->peer[i];

		if (!other || !peer_is_of_one_leg(peer, other))
			continue;
		choice.gateways++;
		if (peer_is_up(other))
			choice_add(&choice, picture, other);
	}
	return choice;
}

/* Is it taken before the other, where both may be? */
static int order(const void *a, const void *b)
{
	const struct peer *one = *(const struct peer *const *)a;
	const struct peer *other = *(const struct peer *const *)b;

	if (peer_is_up(one) != peer_is_up(other))
		return peer_is_up(one) ? -1 : 1;
	if (one->priority != other->priority)
		return one->priority - other->priority;
	return one->index - other->index;
}

/* Those that are up first, so that a search meets them before the others. */
void peer_picture_index(struct peer_picture *picture)
{
	const struct peer *all[PEER_CAPACITY];
	size_t count = 0;

	memset(picture->by_address, 0, sizeof(picture->by_address));
	memset(picture->by_domain, 0, sizeof(picture->by_domain));
	memset(picture->by_leg, 0, sizeof(picture->by_leg));
	memset(picture->choice, 0, sizeof(picture->choice));
	picture->has_siblings = false;
	for (unsigned i = 1; i < PEER_CAPACITY; i++)
		if (picture->peer[i])
			all[count++] = picture->peer[i];
	qsort(all, count, sizeof(all[0]), order);
	for (size_t i = 0; i < count; i++) {
		picture_add(picture, all[i]);
		picture->choice[all[i]->index] = choice_make(picture, all[i]);
		picture->has_siblings = picture->has_siblings || all[i]->is_sibling;
	}
}

const struct peer *peer_picture_by_address(const struct peer_picture *picture,
					   const struct sip_address *address)
{
	for (uint64_t i = address_hash(address) % PEER_PICTURE_PLACES; picture->by_address[i] != 0;
	     i = (i + 1) % PEER_PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_address[i] >> 3];

		if (sip_address_is_same_host(&peer->address[picture->by_address[i] & 7], address))
			return peer;
	}
	return NULL;
}

const struct peer *peer_picture_by_domain(const struct peer_picture *picture,
					  const struct text_key *domain)
{
	for (uint64_t i = domain->hash % PEER_PICTURE_PLACES; picture->by_domain[i] != 0;
	     i = (i + 1) % PEER_PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_domain[i] >> 3];

		if (text_key_is_equal(&peer->domain[picture->by_domain[i] & 7], domain))
			return peer;
	}
	return NULL;
}

const struct peer *peer_picture_by_leg(const struct peer_picture *picture,
				       const uint8_t leg[PEER_LEG_BYTES])
{
	for (uint64_t i = leg_hash(leg) % PEER_PICTURE_PLACES; picture->by_leg[i] != 0;
	     i = (i + 1) % PEER_PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_leg[i] >> 3];

		if (memcmp(peer->leg, leg, PEER_LEG_BYTES) == 0)
			return peer;
	}
	return NULL;
}

const struct peer *peer_picture_choose(const struct peer_picture *picture, const struct peer *peer,
				       uint64_t hash)
{
	const struct peer_choice *choice = &picture->choice[peer->index];
	unsigned at;

	if (choice->count == 0)
		return peer;
	at = choice->count == 1 ? 0 : (unsigned)(hash % choice->weight);
	for (unsigned i = 0; i + 1 < choice->count; i++) {
		const struct peer *one = picture->peer[choice->index[i]];

		if (at < one->weight)
			return one;
		at -= one->weight;
	}
	return picture->peer[choice->index[choice->count - 1]];
}
