/*
 * The terminals that are registered, by binding index: name, address and channel bound together
 * (P5). A record is never changed: a put makes a new one and swaps the pointer.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_BINDING_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_BINDING_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/binding_names.h"
#include "dataplane/tables/binding_places.h"
#include "dataplane/tables/deferred.h"
#include "dataplane/tables/slab.h"
#include "dataplane/tables/text_key.h"
#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/sip/host.h"

struct binding_identity {
	uint64_t hash; /* text_hash of the AOR */
	uint16_t at;   /* in the record, bytes from its start */
	uint8_t length;
	uint8_t pad[5];
};

/* What the rules read in the first cache line, the texts behind it. */
struct binding {
	uint64_t expires_s; /* Unix time */
	uint32_t index;
	uint32_t name;	   /* docs/protocol.md 3.2 */
	uint32_t sa_index; /* 0: a clear terminal */
	uint16_t generation;
	uint8_t sa_generation;
	uint8_t port;
	struct sip_address address; /* inner */
	uint8_t level;
	uint8_t identity_count;
	bool is_untrusted; /* gets no P-Asserted-Identity */
	bool is_legacy;
	uint8_t contact_length;
	uint8_t subscriber_length;
	uint8_t host_length;
	uint16_t contact_at; /* the registered Contact URI */
	uint16_t subscriber_at;
	uint16_t host_at;	   /* the address as a host, canonical */
	uint16_t registrations_at; /* struct contract_registration of each identity, unaligned */
	uint16_t bytes;		   /* of the whole record */
	uint64_t serial;	   /* of the record: no other ever has it */
	struct binding_identity identity[];
};

struct binding_table {
	_Atomic(struct binding *) *slot; /* by index */
	struct binding_names names;
	struct binding_places places; /* of clear terminals */
	uint32_t capacity;
	uint32_t count;	 /* writer's */
	uint64_t serial; /* of the last record; the writer's */
	struct slab *slab;
	struct deferred *deferred;
};

/* Indices are 1..capacity-1. seed: secret (binding_places.h). slab and deferred are borrowed.
 * RESULT_OK or RESULT_MEMORY. */
enum result binding_table_init(struct binding_table *table, uint32_t capacity, uint64_t seed,
			       struct slab *slab, struct deferred *deferred) SEKISHO_MUST_USE;
void binding_table_fini(struct binding_table *table);

/*
 * Writer: adds the binding, or replaces what stands at its index. RESULT_OK, RESULT_BAD (index,
 * generation or a text out of range) or RESULT_MEMORY.
 */
enum result binding_table_put(struct binding_table *table,
			      const struct contract_binding *put) SEKISHO_MUST_USE;

/* Writer: RESULT_OK, RESULT_NOT_FOUND, or RESULT_STALE if another generation stands there. */
enum result binding_table_delete(struct binding_table *table, uint32_t index,
				 uint16_t generation) SEKISHO_MUST_USE;

/* Reader: the binding at index whatever its generation; NULL if there is none. */
static inline const struct binding *binding_table_at(const struct binding_table *table,
						     uint32_t index)
{
	if (index >= table->capacity)
		return NULL;
	return atomic_load_explicit(&table->slot[index], memory_order_acquire);
}

/* Reader: that very binding, or NULL. */
static inline const struct binding *binding_table_find(const struct binding_table *table,
						       uint32_t index, uint32_t generation)
{
	const struct binding *binding = binding_table_at(table, index);

	return binding && binding->generation == generation ? binding : NULL;
}

/*
 * Reader: the terminal that is registered in the clear at this address and port; NULL if none is, or
 * none that is found. Whoever sends from there need not be it.
 */
static inline const struct binding *
binding_table_in_clear(const struct binding_table *table, const struct sip_address *address)
{
	uint32_t index = binding_places_find(&table->places, address);
	const struct binding *binding = index ? binding_table_at(table, index) : NULL;

	return binding && binding->sa_index == 0 && binding->address.port == address->port &&
			       sip_address_is_same_host(&binding->address, address)
		       ? binding
		       : NULL;
}

/*
 * Reader: the binding under which the terminal whose leg a sibling wrote is registered here: it has
 * the leg's name and this identity, which may be empty where nobody knows it. NULL: it is not here.
 */
const struct binding *binding_table_by_name(const struct binding_table *table, uint32_t name,
					    const struct text_key *aor);

static inline struct slice binding_contact(const struct binding *binding)
{
	return slice_make((const char *)binding + binding->contact_at, binding->contact_length);
}

static inline struct slice binding_subscriber(const struct binding *binding)
{
	return slice_make((const char *)binding + binding->subscriber_at,
			  binding->subscriber_length);
}

/* Its address as it would write it itself: a host in canonical form. */
static inline struct slice binding_host(const struct binding *binding)
{
	return slice_make((const char *)binding + binding->host_at, binding->host_length);
}

/* The same without brackets. */
static inline struct slice binding_address_text(const struct binding *binding)
{
	struct slice host = binding_host(binding);

	if (binding->address.family == 6)
		host = slice_make(host.at + 1, host.len - 2);
	return host;
}

static inline struct slice binding_identity_at(const struct binding *binding, unsigned i)
{
	return slice_make((const char *)binding + binding->identity[i].at,
			  binding->identity[i].length);
}

/* The same with the hash that stands beside it. */
static inline struct text_key binding_identity_key(const struct binding *binding, unsigned i)
{
	return (struct text_key){binding_identity_at(binding, i), binding->identity[i].hash};
}

/* Is this canonical AOR one of the binding's identities? */
bool binding_has_identity(const struct binding *binding, const struct text_key *aor);

/* The contract's struct for a binding, header left alone: for a dump. */
void binding_record_fill(const struct binding *binding, struct contract_binding *out);

#endif
