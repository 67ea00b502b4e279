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

/* The newest other SA of a's terminal, if there is one. */
static struct attachment *successor(const struct attachment *a)
{
	for (struct attachment *other = a->subscriber->attachments; other; other = other->next)
		if (other != a && a->binding && other->binding == a->binding)
			return other;
	return NULL;
}

/* An SA ends by itself; its terminal goes with it unless another SA leads there. */
static void lose(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	struct attachment *next = successor(a);

	if (a->binding && a->binding->attachment == a) {
		if (!next) {
			binding_end(r, a->binding);
			return;
		}
		attachment_promote(r, next, now_s);
	}
	attachment_end(r, a);
}

void registrar_sa_used(struct registrar *r, uint32_t index, uint8_t generation, uint64_t now_s)
{
	struct attachment *a = registrar_find(r, index, generation);

	/* a packet of the old SA that came late does not turn things back */
	if (a && a->binding && a->binding->attachment != a &&
	    a->made_s >= a->binding->attachment->made_s)
		attachment_promote(r, a, now_s);
}

static void tell_ended(const struct registrar *r, const struct attachment *a, const char *reason)
{
	if (r->out.ended)
		r->out.ended(r->out.context, &a->sa, reason);
}

/* The time of an SA is over: that of its certificate is worth a word. */
static void expire_attachment(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	if (a->sa.vouching.until_s != 0 && a->sa.vouching.until_s <= now_s)
		tell_ended(r, a, "its certificate has expired");
	lose(r, a, now_s);
}

void registrar_sa_gone(struct registrar *r, uint32_t index, uint8_t generation, uint64_t now_s)
{
	struct attachment *a = registrar_find(r, index, generation);

	if (a)
		expire_attachment(r, a, now_s);
	registrar_settle(r, now_s);
}

void registrar_sa_moved(struct registrar *r, uint32_t index, uint8_t generation,
			const struct contract_address *outer)
{
	struct attachment *a = registrar_find(r, index, generation);

	if (a)
		a->sa.outer_remote = *outer;
}

static void expire_registrations(struct registrar *r, struct binding *b, uint64_t now_s)
{
	for (uint8_t i = b->registration_count; i-- > 0;)
		if (b->registrations[i].expires_s <= now_s)
			binding_unregister(r, b, &b->registrations[i]);
	if (b->registration_count == 0) {
		binding_end(r, b);
		return;
	}
	binding_put(r, b);
	binding_schedule(r, b);
}

void registrar_tick(struct registrar *r, uint64_t now_s)
{
	struct timer *due;

	while ((due = timers_due(&r->timers, now_s)) != NULL) {
		if (due->kind == TIMER_ATTACHMENT)
			expire_attachment(
				r,
				(struct attachment *)((char *)due -
						      offsetof(struct attachment, timer)),
				now_s);
		else
			expire_registrations(
				r,
				(struct binding *)((char *)due - offsetof(struct binding, timer)),
				now_s);
	}
	registrar_settle(r, now_s);
}

void registrar_evict(struct registrar *r, struct slice subscriber, const char *reason,
		     uint64_t now_s)
{
	struct name_node *node;

	/* the subscriber goes with its last SA */
	while ((node = name_map_find(&r->subscribers, subscriber)) != NULL) {
		struct subscriber *s =
			(struct subscriber *)((char *)node - offsetof(struct subscriber, node));
		struct attachment *a = s->attachments;

		tell_ended(r, a, reason);
		if (a->binding)
			binding_end(r, a->binding);
		else
			attachment_end(r, a);
	}
	registrar_settle(r, now_s);
}

uint32_t registrar_review(struct registrar *r, uint32_t from, uint32_t count,
			  registrar_judge *judge, void *context, uint64_t now_s)
{
	uint32_t left = from < r->sa_capacity ? r->sa_capacity - from : 0;
	uint32_t end = from + (count < left ? count : left);

	for (uint32_t i = from; i < end; i++) {
		struct attachment *a = r->attachments[i];
		const char *reason;

		if (!a || a->is_ending || a->is_static)
			continue;
		reason = judge(context, &a->sa);
		if (!reason)
			continue;
		tell_ended(r, a, reason);
		lose(r, a, now_s);
	}
	registrar_settle(r, now_s);
	return end < r->sa_capacity ? end : 0;
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

bool registrar_primary(const struct registrar *r, struct slice aor, uint32_t *index,
		       uint16_t *generation)
{
	const struct identity *identity = identity_find(r, aor);

	if (!identity || !identity->primary)
		return false;
	*index = identity->primary->index;
	*generation = identity->primary->generation;
	return true;
}

bool registrar_primary_q(const struct registrar *r, struct slice aor, uint16_t *q)
{
	const struct identity *identity = identity_find(r, aor);
	const struct registration *registration;

	if (!identity || !identity->primary)
		return false;
	registration = binding_registration(identity->primary, aor);
	if (registration)
		*q = registration->q_thousandths;
	return registration != NULL;
}

enum result registrar_through(const struct registrar *r, uint32_t index, uint8_t generation,
			      struct exchange_through *out)
{
	const struct attachment *a = registrar_find(r, index, generation);

	if (!a)
		return RESULT_NOT_FOUND;
	*out = (struct exchange_through){
		.index = index,
		.generation = generation,
		.mode = a->sa.mode == CONTRACT_TRANSPORT ? KEYEXCHANGE_TRANSPORT
							 : KEYEXCHANGE_UDP_TUNNEL,
		.subscriber = slice_make(a->subscriber->id, strlen(a->subscriber->id)),
	};
	return RESULT_OK;
}

static void tell_row(const struct binding *b, const struct registration *registration,
		     void (*row)(void *context, const struct registrar_row *row), void *context)
{
	const struct attachment *a = b->attachment;

	row(context, &(struct registrar_row){
			     .identity = registration->identity->node.name,
			     .subscriber = a->subscriber->node.name,
			     .instance = slice_make(b->instance, strlen(b->instance)),
			     .contact = slice_make(b->contact, strlen(b->contact)),
			     .sa = &a->sa,
			     .binding_index = b->index,
			     .binding_generation = b->generation,
			     .is_primary = registration->identity->primary == b,
			     .q_thousandths = registration->q_thousandths,
			     .registered_s = registration->registered_s,
			     .expires_s = registration->expires_s,
		     });
}

void registrar_each(const struct registrar *r,
		    void (*row)(void *context, const struct registrar_row *row), void *context)
{
	for (uint32_t i = 1; i < r->binding_capacity; i++) {
		const struct binding *b = r->binding_places[i].binding;

		for (uint8_t n = 0; b && n < b->registration_count; n++)
			tell_row(b, &b->registrations[n], row, context);
	}
}

uint32_t registrar_sa_count(const struct registrar *r)
{
	return r->sa_count;
}

uint32_t registrar_binding_count(const struct registrar *r)
{
	return r->binding_count;
}
