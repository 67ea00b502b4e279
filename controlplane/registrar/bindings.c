/* What becomes of terminals: their binding's place, its registrations, its end. */
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

static struct binding *of_node(struct name_node *node)
{
	return node ? (struct binding *)((char *)node - offsetof(struct binding, node)) : NULL;
}

enum result binding_name(struct slice subscriber, struct slice instance, uint32_t *out)
{
	const struct slice parts[] = {subscriber, slice_make("", 1), instance};
	uint8_t hash[KDF_HASH_BYTES];
	enum result result = kdf_hash(parts, 3, hash);

	*out = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
	return result;
}

static size_t make_key(uint32_t name, struct slice subscriber, char key[4 + LIMIT_AOR_BYTES])
{
	memcpy(key, &name, 4);
	memcpy(key + 4, subscriber.at, subscriber.len);
	return 4 + subscriber.len;
}

struct binding *binding_find(const struct registrar *r, struct slice subscriber, uint32_t name)
{
	char key[4 + LIMIT_AOR_BYTES];
	size_t len;

	if (subscriber.len > LIMIT_AOR_BYTES)
		return NULL;
	len = make_key(name, subscriber, key);
	return of_node(name_map_find(&r->bindings, slice_make(key, len)));
}

/* Takes a place off the list of free ones: the first, or the one at index. */
static enum result take_place(struct registrar *r, uint32_t index, uint32_t *out)
{
	uint32_t previous = 0, at = r->first_free;

	while (index != 0 && at != 0 && at != index) {
		previous = at;
		at = r->binding_places[at].next;
	}
	if (at == 0)
		return index == 0 ? RESULT_SPACE : RESULT_EXISTS;
	if (previous == 0)
		r->first_free = r->binding_places[at].next;
	else
		r->binding_places[previous].next = r->binding_places[at].next;
	if (r->last_free == at)
		r->last_free = previous;
	*out = at;
	return RESULT_OK;
}

static void give_place(struct registrar *r, uint32_t index)
{
	r->binding_places[index].binding = NULL;
	r->binding_places[index].next = 0;
	if (r->last_free == 0)
		r->first_free = index;
	else
		r->binding_places[r->last_free].next = index;
	r->last_free = index;
}

/* 1 to 65535, another one each time (docs/protocol.md 3.2: legs name it). */
static uint16_t next_generation(uint16_t generation)
{
	return generation == UINT16_MAX ? 1 : (uint16_t)(generation + 1);
}

enum result binding_create(struct registrar *r, struct attachment *a, uint32_t name, uint32_t index,
			   uint16_t generation, struct binding **out)
{
	struct slice subscriber = slice_make(a->subscriber->id, strlen(a->subscriber->id));
	struct binding *b;
	uint32_t place;
	enum result result = timers_reserve(&r->timers, 1);

	if (result == RESULT_OK)
		result = take_place(r, index, &place);
	if (result != RESULT_OK)
		return result;
	b = calloc(1, sizeof(*b));
	if (!b) {
		give_place(r, place);
		return RESULT_MEMORY;
	}
	b->timer.kind = TIMER_BINDING;
	b->index = place;
	b->generation =
		generation ? generation : next_generation(r->binding_places[place].generation);
	b->name = name;
	b->attachment = a;
	b->key_len = make_key(name, subscriber, b->key);
	name_map_add(&r->bindings, &b->node, slice_make(b->key, b->key_len));
	r->binding_places[place].binding = b;
	r->binding_places[place].generation = b->generation;
	r->binding_count++;
	a->binding = b;
	*out = b;
	return RESULT_OK;
}

void binding_schedule(struct registrar *r, struct binding *b)
{
	uint64_t at_s = UINT64_MAX;

	for (uint8_t i = 0; i < b->registration_count; i++)
		if (b->registrations[i].expires_s < at_s)
			at_s = b->registrations[i].expires_s;
	timers_set(&r->timers, &b->timer, at_s);
}

static uint64_t last_expiry(const struct binding *b)
{
	uint64_t last = 0;

	for (uint8_t i = 0; i < b->registration_count; i++)
		if (b->registrations[i].expires_s > last)
			last = b->registrations[i].expires_s;
	return last;
}

static void registration_tell(const struct binding *b, const struct registration *registration,
			      struct contract_registration *out)
{
	*out = (struct contract_registration){
		.registered_s = registration->registered_s,
		.expires_s = registration->expires_s,
		.q_thousandths = registration->q_thousandths,
		.is_primary = registration->identity->primary == b,
	};
}

void binding_put(const struct registrar *r, const struct binding *b)
{
	const struct contract_sa *sa = &b->attachment->sa;
	bool is_clear = attachment_is_clear(b->attachment);
	const char *id = b->attachment->subscriber->id;
	struct contract_binding put = {
		.index = b->index,
		.generation = b->generation,
		.level = sa->level,
		.is_legacy = r->out.is_legacy(r->out.context, slice_make(id, strlen(id))),
		.name = b->name,
		.sa_index = is_clear ? 0 : sa->index,
		.sa_generation = is_clear ? 0 : sa->generation,
		.port = sa->port,
		.identity_count = b->registration_count,
		.expires_s = last_expiry(b),
		.address = sa->inner_remote,
	};

	for (uint8_t i = 0; i < b->registration_count; i++) {
		struct slice aor = b->registrations[i].identity->node.name;

		memcpy(put.identity[i], aor.at, aor.len);
		registration_tell(b, &b->registrations[i], &put.registration[i]);
	}
	memcpy(put.contact, b->contact, sizeof(put.contact));
	memcpy(put.subscriber, id, sizeof(put.subscriber));
	contract_header_set(&put.header, CONTRACT_BINDING_PUT, sizeof(put), 0);
	r->out.send(r->out.context, &put.header);
}

struct registration *binding_registration(struct binding *b, struct slice aor)
{
	for (uint8_t i = 0; i < b->registration_count; i++)
		if (slice_is_equal(b->registrations[i].identity->node.name, aor))
			return &b->registrations[i];
	return NULL;
}

enum result binding_register(struct registrar *r, struct binding *b, struct slice aor,
			     struct registration **out)
{
	struct registration *registration = binding_registration(b, aor);
	enum result result;

	if (!registration) {
		if (b->registration_count == LIMIT_BINDING_IDENTITIES)
			return RESULT_SPACE;
		registration = &b->registrations[b->registration_count];
		*registration = (struct registration){.q_thousandths = 1000};
		result = identity_join(r, aor, b, &registration->identity);
		if (result != RESULT_OK)
			return result;
		b->registration_count++;
	}
	*out = registration;
	return RESULT_OK;
}

void binding_unregister(struct registrar *r, struct binding *b, struct registration *registration)
{
	struct identity *identity = registration->identity;

	*registration = b->registrations[--b->registration_count];
	identity_leave(r, identity, b);
}

void binding_end(struct registrar *r, struct binding *b)
{
	struct contract_binding_ref ref = {.index = b->index, .generation = b->generation};
	struct attachment *next;

	/* first no name leads there, then it is gone, then its SAs */
	while (b->registration_count > 0)
		binding_unregister(r, b, &b->registrations[b->registration_count - 1]);
	contract_header_set(&ref.header, CONTRACT_BINDING_DELETE, sizeof(ref), 0);
	r->out.send(r->out.context, &ref.header);
	for (struct attachment *a = b->attachment->subscriber->attachments; a; a = next) {
		next = a->next;
		if (a->binding == b) {
			a->binding = NULL;
			attachment_end(r, a);
		}
	}
	timers_clear(&r->timers, &b->timer);
	name_map_remove(&r->bindings, &b->node);
	give_place(r, b->index);
	r->binding_count--;
	free(b);
}
