#include "dataplane/tables/binding_table.h"

#include <string.h>

#include "dataplane/tables/array.h"
#include "dataplane/tables/settings.h"

_Static_assert(offsetof(struct binding, serial) <= 64, "the hot fields are one cache line");

enum result binding_table_init(struct binding_table *table, uint32_t capacity, uint64_t seed,
			       struct slab *slab, struct deferred *deferred)
{
	memset(table, 0, sizeof(*table));
	table->slot = array_take(capacity * sizeof(*table->slot));
	if (!table->slot)
		return RESULT_MEMORY;
	if (binding_names_init(&table->names, capacity) != RESULT_OK ||
	    binding_places_init(&table->places, capacity, seed) != RESULT_OK) {
		binding_names_fini(&table->names);
		array_give(table->slot, capacity * sizeof(*table->slot));
		table->slot = NULL;
		return RESULT_MEMORY;
	}
	table->capacity = capacity;
	table->slab = slab;
	table->deferred = deferred;
	return RESULT_OK;
}

static void binding_give(void *slab, void *memory)
{
	slab_give(slab, memory, ((struct binding *)memory)->bytes);
}

void binding_table_fini(struct binding_table *table)
{
	for (uint32_t i = 0; i < table->capacity; i++) {
		struct binding *binding =
			atomic_load_explicit(&table->slot[i], memory_order_relaxed);

		if (binding)
			binding_give(table->slab, binding);
	}
	array_give(table->slot, table->capacity * sizeof(*table->slot));
	binding_names_fini(&table->names);
	binding_places_fini(&table->places);
	memset(table, 0, sizeof(*table));
}

static enum result put_check(const struct binding_table *table, const struct contract_binding *put)
{
	if (put->index == 0 || put->index >= table->capacity || put->generation == 0 ||
	    put->identity_count > LIMIT_BINDING_IDENTITIES || put->level > 3)
		return RESULT_BAD;
	for (unsigned i = 0; i < put->identity_count; i++) {
		if (!memchr(put->identity[i], 0, sizeof(put->identity[i])))
			return RESULT_BAD;
	}
	if (!memchr(put->contact, 0, sizeof(put->contact)) ||
	    !memchr(put->subscriber, 0, sizeof(put->subscriber)))
		return RESULT_BAD;
	return RESULT_OK;
}

/* Copies a text, or other bytes, to the record's end; where it stands. */
static uint16_t text_add(struct binding *binding, const char *text, size_t length)
{
	uint16_t at = binding->bytes;

	memcpy((char *)binding + at, text, length);
	binding->bytes = (uint16_t)(at + length);
	return at;
}

/* What the rules look at for every message comes first. */
static void texts_set(struct binding *made, const struct contract_binding *put)
{
	char host[SIP_ADDRESS_CHARS];
	struct writer w = writer_make(host, sizeof(host));

	if (made->address.family != 0)
		sip_address_write_host(&made->address, &w);
	made->host_length = (uint8_t)w.len;
	made->host_at = text_add(made, host, w.len);
	for (unsigned i = 0; i < put->identity_count; i++) {
		struct binding_identity *identity = &made->identity[i];

		identity->length = (uint8_t)strlen(put->identity[i]);
		identity->hash = text_hash(slice_make(put->identity[i], identity->length));
		identity->at = text_add(made, put->identity[i], identity->length);
	}
	made->contact_length = (uint8_t)strlen(put->contact);
	made->contact_at = text_add(made, put->contact, made->contact_length);
	made->subscriber_length = (uint8_t)strlen(put->subscriber);
	made->subscriber_at = text_add(made, put->subscriber, made->subscriber_length);
	/* for a dump only */
	made->registrations_at = text_add(made, (const char *)put->registration,
					  put->identity_count * sizeof(put->registration[0]));
}

static size_t record_bytes(const struct contract_binding *put)
{
	size_t bytes = sizeof(struct binding) + SIP_ADDRESS_CHARS + strlen(put->contact) +
		       strlen(put->subscriber);

	for (unsigned i = 0; i < put->identity_count; i++)
		bytes += sizeof(struct binding_identity) + sizeof(put->registration[i]) +
			 strlen(put->identity[i]);
	return bytes;
}

static struct binding *record_make(struct slab *slab, const struct contract_binding *put)
{
	size_t bytes = record_bytes(put);
	struct binding *made = slab_take(slab, bytes);

	if (!made)
		return NULL;
	made->expires_s = put->expires_s;
	made->index = put->index;
	made->name = put->name;
	made->sa_index = put->sa_index;
	made->generation = put->generation;
	made->sa_generation = put->sa_generation;
	made->port = put->port;
	made->address = settings_address(&put->address);
	made->level = put->level;
	made->identity_count = put->identity_count;
	made->is_untrusted = put->is_untrusted != 0;
	made->is_legacy = put->is_legacy != 0;
	made->bytes =
		(uint16_t)(sizeof(*made) + put->identity_count * sizeof(struct binding_identity));
	texts_set(made, put);
	made->bytes = (uint16_t)bytes;
	return made;
}

static bool is_in_clear(const struct binding *binding)
{
	return binding && binding->sa_index == 0 && binding->address.family != 0;
}

/* Where who is registered in the clear sends from; most often it is the same after a put. */
static void place_set(struct binding_table *table, const struct binding *old,
		      const struct binding *made)
{
	bool was = is_in_clear(old), is = is_in_clear(made);

	if (was && is && old->address.port == made->address.port &&
	    sip_address_is_same_host(&old->address, &made->address))
		return;
	if (was)
		binding_places_remove(&table->places, &old->address, old->index);
	if (is)
		binding_places_add(&table->places, &made->address, made->index);
}

static void slot_set(struct binding_table *table, uint32_t index, struct binding *made)
{
	struct binding *old =
		atomic_exchange_explicit(&table->slot[index], made, memory_order_acq_rel);
	bool is_same = old && made && old->name == made->name;

	if (old && !is_same)
		binding_names_remove(&table->names, old->name, index);
	if (made && !is_same)
		binding_names_add(&table->names, made->name, index);
	place_set(table, old, made);
	deferred_put(table->deferred, binding_give, table->slab, old);
}

enum result binding_table_put(struct binding_table *table, const struct contract_binding *put)
{
	enum result result = put_check(table, put);
	struct binding *made;

	if (result != RESULT_OK)
		return result;
	if (deferred_reserve(table->deferred, 1) != RESULT_OK)
		return RESULT_MEMORY;
	made = record_make(table->slab, put);
	if (!made)
		return RESULT_MEMORY;
	made->serial = ++table->serial;
	if (!binding_table_at(table, put->index))
		table->count++;
	slot_set(table, put->index, made);
	return RESULT_OK;
}

enum result binding_table_delete(struct binding_table *table, uint32_t index, uint16_t generation)
{
	const struct binding *there = binding_table_at(table, index);

	if (!there)
		return RESULT_NOT_FOUND;
	if (there->generation != generation)
		return RESULT_STALE;
	if (deferred_reserve(table->deferred, 1) != RESULT_OK)
		return RESULT_MEMORY;
	slot_set(table, index, NULL);
	table->count--;
	return RESULT_OK;
}

bool binding_has_identity(const struct binding *binding, const struct text_key *aor)
{
	for (unsigned i = 0; i < binding->identity_count; i++) {
		if (binding->identity[i].hash == aor->hash &&
		    slice_is_equal(binding_identity_at(binding, i), aor->text))
			return true;
	}
	return false;
}

const struct binding *binding_table_by_name(const struct binding_table *table, uint32_t name,
					    const struct text_key *aor)
{
	uint32_t index = binding_names_first(&table->names, name);

	for (unsigned i = 0; index != 0 && i < BINDING_NAMES_STEPS; i++) {
		const struct binding *binding = binding_table_at(table, index);

		if (binding && binding->name == name &&
		    (aor->text.len == 0 || binding_has_identity(binding, aor)))
			return binding;
		index = binding_names_next(&table->names, index);
	}
	return NULL;
}

static void text_fill(char *to, struct slice text)
{
	memcpy(to, text.at, text.len);
	to[text.len] = 0;
}

void binding_record_fill(const struct binding *binding, struct contract_binding *out)
{
	struct contract_header header = out->header;

	memset(out, 0, sizeof(*out));
	out->header = header;
	out->index = binding->index;
	out->generation = binding->generation;
	out->level = binding->level;
	out->is_legacy = binding->is_legacy;
	out->name = binding->name;
	out->sa_index = binding->sa_index;
	out->sa_generation = binding->sa_generation;
	out->port = binding->port;
	out->is_untrusted = binding->is_untrusted;
	out->identity_count = binding->identity_count;
	out->expires_s = binding->expires_s;
	out->address.family = binding->address.family;
	out->address.port = binding->address.port;
	memcpy(out->address.bytes, binding->address.bytes, sizeof(out->address.bytes));
	text_fill(out->contact, binding_contact(binding));
	text_fill(out->subscriber, binding_subscriber(binding));
	for (unsigned i = 0; i < binding->identity_count; i++)
		text_fill(out->identity[i], binding_identity_at(binding, i));
	memcpy(out->registration, (const char *)binding + binding->registrations_at,
	       binding->identity_count * sizeof(out->registration[0]));
}
