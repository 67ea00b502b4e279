#include "controlplane/registrar/registrar.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

static bool settings_are_good(const struct registrar_settings *s)
{
	if (s->domain_count == 0 || s->domain_count > EXCHANGE_DOMAINS_MAX || s->sa_capacity < 2 ||
	    s->sa_capacity > 1u << LIMIT_SA_INDEX_BITS || s->binding_capacity < 2 ||
	    s->binding_capacity > 1u << LIMIT_SA_INDEX_BITS || s->expires_min_s == 0 ||
	    s->expires_min_s > s->expires_default_s || s->expires_default_s > s->expires_max_s ||
	    !s->store.credential || !s->out.send || !s->out.identity || !s->out.sa_released)
		return false;
	for (size_t i = 0; i < s->domain_count; i++)
		if (s->domains[i].len > LIMIT_DOMAIN_BYTES)
			return false;
	return true;
}

static void terms_take(struct registrar *r, const struct registrar_settings *s)
{
	r->expires_min_s = s->expires_min_s;
	r->expires_default_s = s->expires_default_s;
	r->expires_max_s = s->expires_max_s;
	r->attach_s = s->attach_s;
	r->hard_packets = s->hard_packets;
	r->hard_bytes = s->hard_bytes;
}

static void settings_take(struct registrar *r, const struct registrar_settings *s)
{
	for (size_t i = 0; i < s->domain_count; i++) {
		memcpy(r->domains[i], s->domains[i].at, s->domains[i].len);
		r->domain_len[i] = s->domains[i].len;
	}
	r->domain_count = s->domain_count;
	r->sa_capacity = s->sa_capacity;
	r->binding_capacity = s->binding_capacity;
	r->linger_s = s->linger_s;
	r->store = s->store;
	r->inner_pool = s->inner_pool;
	r->out = s->out;
	terms_take(r, s);
}

static enum result make_tables(struct registrar *r, uint32_t seed)
{
	enum result result = name_map_init(&r->subscribers, seed);

	if (result == RESULT_OK)
		result = name_map_init(&r->bindings, seed);
	if (result == RESULT_OK)
		result = name_map_init(&r->identities, seed);
	r->attachments = calloc(r->sa_capacity, sizeof(*r->attachments));
	r->binding_places = calloc(r->binding_capacity, sizeof(*r->binding_places));
	if (result != RESULT_OK || !r->attachments || !r->binding_places)
		return RESULT_MEMORY;
	for (uint32_t i = 1; i < r->binding_capacity; i++) {
		r->binding_places[i].generation = (uint16_t)seed;
		r->binding_places[i].next = i + 1 < r->binding_capacity ? i + 1 : 0;
	}
	r->first_free = 1;
	r->last_free = r->binding_capacity - 1;
	return RESULT_OK;
}

enum result registrar_create(const struct registrar_settings *settings, struct registrar **out)
{
	struct registrar *r;
	enum result result;

	if (!settings_are_good(settings))
		return RESULT_BAD;
	r = calloc(1, sizeof(*r));
	if (!r)
		return RESULT_MEMORY;
	settings_take(r, settings);
	result = make_tables(r, settings->generation_seed);
	if (result != RESULT_OK) {
		registrar_destroy(r);
		return result;
	}
	*out = r;
	return RESULT_OK;
}

enum result registrar_adjust(struct registrar *r, const struct registrar_settings *settings)
{
	if (!settings_are_good(settings))
		return RESULT_BAD;
	terms_take(r, settings);
	return RESULT_OK;
}

static void free_attachment(struct attachment *a)
{
	secret_wipe_bytes(a, sizeof(*a));
	free(a);
}

static void free_nodes(struct name_map *map, size_t offset)
{
	struct name_node *node = map->chains ? name_map_next(map, NULL) : NULL;

	while (node) {
		struct name_node *next = name_map_next(map, node);

		free((char *)node - offset);
		node = next;
	}
	name_map_fini(map);
}

/* The data plane is told nothing: what it has stays, for whoever comes after. */
void registrar_destroy(struct registrar *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; r->attachments && i < r->sa_capacity; i++)
		if (r->attachments[i])
			free_attachment(r->attachments[i]);
	free_nodes(&r->subscribers, offsetof(struct subscriber, node));
	free_nodes(&r->bindings, offsetof(struct binding, node));
	free_nodes(&r->identities, offsetof(struct identity, node));
	timers_fini(&r->timers);
	free(r->attachments);
	free(r->binding_places);
	free(r);
}

struct attachment *registrar_find(const struct registrar *r, uint32_t index, uint8_t generation)
{
	struct attachment *a = index < r->sa_capacity ? r->attachments[index] : NULL;

	return a && a->sa.generation == generation && !a->is_ending ? a : NULL;
}

void registrar_settle(struct registrar *r, uint64_t now_s)
{
	(void)now_s;
	while (r->ending) {
		struct attachment *a = r->ending;
		struct contract_sa_ref ref = {.index = a->sa.index, .generation = a->sa.generation};

		r->ending = a->next_ending;
		r->attachments[a->sa.index] = NULL;
		if (!attachment_is_clear(a)) {
			contract_header_set(&ref.header, CONTRACT_SA_DELETE, sizeof(ref), 0);
			r->out.send(r->out.context, &ref.header);
		}
		r->out.sa_released(r->out.context, a->sa.index, a->sa.generation);
		free_attachment(a);
	}
}

void registrar_retell(const struct registrar *r, struct slice subscriber)
{
	struct name_node *node = name_map_find(&r->subscribers, subscriber);
	const struct subscriber *s;

	if (node == NULL)
		return;
	s = (const struct subscriber *)((char *)node - offsetof(struct subscriber, node));
	for (const struct attachment *a = s->attachments; a; a = a->next)
		if (a->binding && a->binding->attachment == a)
			binding_put(r, a->binding);
}
