#include "dataplane/tables/peer_table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "dataplane/tables/settings.h"

/* Twice what 255 peers with 8 addresses or domains each need. */
#define PICTURE_PLACES 4096

/* A place of an index: peer index << 3 | which of its addresses or domains; 0 is empty. */
typedef uint16_t place;

/* Among which gateways of a peer's leg a call may choose now. */
struct choice {
	uint8_t gateways; /* that there are at all */
	uint8_t count;	  /* of index */
	uint16_t weight;  /* of all of them */
	uint8_t index[PEER_CHOICES];
};

struct peer_picture {
	struct peer *peer[PEER_CAPACITY];
	struct choice choice[PEER_CAPACITY]; /* by peer index */
	bool has_siblings;
	place by_address[PICTURE_PLACES];
	place by_domain[PICTURE_PLACES];
	place by_leg[PICTURE_PLACES];
};

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

static uint64_t address_hash(const struct sip_address *address)
{
	return text_hash(slice_make(address->bytes, address->family == 4 ? 4 : 16));
}

static uint64_t leg_hash(const uint8_t leg[PEER_LEG_BYTES])
{
	return text_hash(slice_make(leg, PEER_LEG_BYTES));
}

static void place_add(place *places, uint64_t hash, unsigned index, unsigned which)
{
	uint64_t i = hash % PICTURE_PLACES;

	while (places[i] != 0)
		i = (i + 1) % PICTURE_PLACES;
	places[i] = (place)(index << 3 | which);
}

static void picture_add(struct peer_picture *picture, const struct peer *peer)
{
	for (unsigned i = 0; i < peer->address_count; i++)
		place_add(picture->by_address, address_hash(&peer->address[i]), peer->index, i);
	for (unsigned i = 0; i < peer->domain_count; i++)
		place_add(picture->by_domain, peer->domain[i].hash, peer->index, i);
	place_add(picture->by_leg, leg_hash(peer->leg), peer->index, 0);
}

static bool is_same_leg(const struct peer *a, const struct peer *b)
{
	return memcmp(a->leg, b->leg, PEER_LEG_BYTES) == 0;
}

static void choice_add(struct choice *choice, const struct peer_picture *picture,
		       const struct peer *peer)
{
	if (choice->count > 0 && picture->peer[choice->index[0]]->priority > peer->priority)
		*choice = (struct choice){.gateways = choice->gateways};
	if (choice->count == PEER_CHOICES ||
	    (choice->count > 0 && picture->peer[choice->index[0]]->priority < peer->priority))
		return;
	choice->index[choice->count++] = peer->index;
	choice->weight = (uint16_t)(choice->weight + peer->weight);
}

static struct choice choice_make(const struct peer_picture *picture, const struct peer *peer)
{
	struct choice choice = {0};

	for (unsigned i = 1; i < PEER_CAPACITY; i++) {
		const struct peer *other = picture->peer[i];

		if (!other || !is_same_leg(peer, other))
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
static void picture_index(struct peer_picture *picture)
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
	picture_index(copy);
	atomic_store_explicit(&table->picture, copy, memory_order_release);
	deferred_put(table->deferred, picture_free, NULL, old->peer[index]);
	deferred_put(table->deferred, picture_free, NULL, old);
	return RESULT_OK;
}

static enum result put_check(const struct contract_peer *put)
{
	if (put->index == 0 || put->index >= PEER_CAPACITY || put->level > 3 ||
	    put->domain_count > PEER_DOMAINS || put->reach_count > PEER_DOMAINS ||
	    put->address_count > PEER_ADDRESSES || put->sa_out_count > PEER_WORKERS ||
	    !memchr(put->name, 0, sizeof(put->name)))
		return RESULT_BAD;
	for (unsigned i = 0; i < PEER_DOMAINS; i++) {
		if (!memchr(put->domain[i], 0, sizeof(put->domain[i])) ||
		    !memchr(put->reach[i], 0, sizeof(put->reach[i])))
			return RESULT_BAD;
	}
	return RESULT_OK;
}

static void leg_set(struct peer *made, const char *name)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char lower[LIMIT_DOMAIN_BYTES + 1];
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	SHA256((const unsigned char *)lower, length, digest);
	memcpy(made->leg, digest, sizeof(made->leg));
}

static void texts_set(struct peer *made, const struct contract_peer *put)
{
	memcpy(made->text, put->domain, sizeof(put->domain));
	memcpy(made->text[PEER_DOMAINS], put->reach, sizeof(put->reach));
	for (unsigned i = 0; i < PEER_DOMAINS; i++) {
		char *domain = made->text[i], *reach = made->text[PEER_DOMAINS + i];

		made->domain[i] = text_key_make(slice_make(domain, strlen(domain)));
		made->reach[i] = text_key_make(slice_make(reach, strlen(reach)));
	}
}

static struct peer *peer_make(const struct contract_peer *put)
{
	struct peer *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->index = (uint8_t)put->index;
	made->level = put->level;
	made->is_trusted = put->is_trusted != 0;
	made->is_transit = put->is_transit != 0;
	made->is_sibling = put->is_sibling != 0;
	made->is_tls = put->is_tls != 0;
	made->port = put->port;
	made->route_security = put->route_security;
	made->domain_count = put->domain_count;
	made->reach_count = put->reach_count;
	made->address_count = put->address_count;
	made->sa_out_count = put->sa_out_count;
	made->priority = put->priority;
	made->weight = put->weight == 0 ? 1 : put->weight;
	made->is_lost = put->is_lost != 0;
	for (unsigned i = 0; i < put->address_count; i++)
		made->address[i] = settings_address(&put->address[i]);
	memcpy(made->sa_out, put->sa_out, sizeof(made->sa_out));
	memcpy(made->sa_out_generation, put->sa_out_generation, sizeof(made->sa_out_generation));
	leg_set(made, put->name);
	texts_set(made, put);
	return made;
}

enum result peer_table_put(struct peer_table *table, const struct contract_peer *put)
{
	enum result result = put_check(put);
	struct peer *made;

	if (result != RESULT_OK)
		return result;
	made = peer_make(put);
	if (!made)
		return RESULT_MEMORY;
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
	const struct peer_picture *picture = picture_view(table);

	for (uint64_t i = address_hash(address) % PICTURE_PLACES; picture->by_address[i] != 0;
	     i = (i + 1) % PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_address[i] >> 3];

		if (sip_address_is_same_host(&peer->address[picture->by_address[i] & 7], address))
			return peer;
	}
	return NULL;
}

const struct peer *peer_table_by_domain(const struct peer_table *table,
					const struct text_key *domain)
{
	const struct peer_picture *picture = picture_view(table);

	for (uint64_t i = domain->hash % PICTURE_PLACES; picture->by_domain[i] != 0;
	     i = (i + 1) % PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_domain[i] >> 3];

		if (text_key_is_equal(&peer->domain[picture->by_domain[i] & 7], domain))
			return peer;
	}
	return NULL;
}

const struct peer *peer_table_by_leg(const struct peer_table *table,
				     const uint8_t leg[PEER_LEG_BYTES])
{
	const struct peer_picture *picture = picture_view(table);

	for (uint64_t i = leg_hash(leg) % PICTURE_PLACES; picture->by_leg[i] != 0;
	     i = (i + 1) % PICTURE_PLACES) {
		const struct peer *peer = picture->peer[picture->by_leg[i] >> 3];

		if (memcmp(peer->leg, leg, PEER_LEG_BYTES) == 0)
			return peer;
	}
	return NULL;
}

const struct peer *peer_table_choose(const struct peer_table *table, const struct peer *peer,
				     uint64_t hash)
{
	const struct peer_picture *picture = picture_view(table);
	const struct choice *choice = &picture->choice[peer->index];
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
	return found && is_same_leg(peer, found) ? found : NULL;
}

bool peer_table_has_siblings(const struct peer_table *table)
{
	return picture_view(table)->has_siblings;
}

bool peer_speaks_for(const struct peer *peer, const struct text_key *domain)
{
	for (unsigned i = 0; i < peer->domain_count; i++) {
		if (text_key_is_equal(&peer->domain[i], domain))
			return true;
	}
	return false;
}

bool peer_may_reach(const struct peer *peer, const struct text_key *domain)
{
	for (unsigned i = 0; i < peer->reach_count; i++) {
		if (text_key_is_equal(&peer->reach[i], domain))
			return true;
	}
	return false;
}

bool peer_has_address(const struct peer *peer, const struct sip_address *address)
{
	for (unsigned i = 0; i < peer->address_count; i++) {
		if (sip_address_is_same_host(&peer->address[i], address))
			return true;
	}
	return false;
}
