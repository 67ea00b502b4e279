#include "shared/contract/contract.h"

#include <stdbool.h>
#include <string.h>

#include "shared/sip/fault.h"

/* A check of one body whose fixed size has been seen to be there. */
typedef bool body_check(const void *at, size_t length);

struct shape {
	uint16_t id;
	uint32_t size;	 /* of the fixed struct, header included */
	bool is_counted; /* bytes counted in the struct follow it, or some of its array is left out
			  */
	body_check *check; /* NULL: nothing in it can be wrong */
};

static bool text_is_terminated(const char *at, size_t size)
{
	return memchr(at, 0, size) != NULL;
}

#define TEXT_IS_GOOD(field) text_is_terminated((field), sizeof(field))

/* `count` rows of an array of strings, of which at most `most` stand in the struct. */
static bool texts_are_terminated(const char *at, size_t row, size_t most)
{
	for (size_t i = 0; i < most; i++)
		if (!text_is_terminated(at + i * row, row))
			return false;
	return true;
}

#define TEXTS_ARE_GOOD(field)                                                                      \
	texts_are_terminated((field)[0], sizeof((field)[0]), sizeof(field) / sizeof((field)[0]))

static bool address_is_good(const struct contract_address *address)
{
	return address->family == 0 || address->family == 4 || address->family == 6;
}

static bool addresses_are_good(const struct contract_address *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!address_is_good(&at[i]))
			return false;
	return true;
}

static bool is_flag(uint8_t value)
{
	return value <= 1;
}

static bool index_is_good(uint32_t index)
{
	return index >= 1 && index < 1u << LIMIT_SA_INDEX_BITS;
}

static bool hello_is_good(const void *at, size_t length)
{
	const struct contract_hello *hello = at;

	(void)length;
	return hello->gateway_id <= 63;
}

static bool port_is_good(const struct contract_port *port)
{
	return addresses_are_good(port->address, 2) && port->spread >= CONTRACT_SPREAD_NOT_NEEDED &&
	       port->spread <= CONTRACT_SPREAD_SPI && TEXT_IS_GOOD(port->device) &&
	       TEXT_IS_GOOD(port->exception);
}

static bool welcome_is_good(const void *at, size_t length)
{
	const struct contract_welcome *welcome = at;

	(void)length;
	if (welcome->port_count > 8)
		return false;
	for (uint32_t i = 0; i < welcome->port_count; i++)
		if (!port_is_good(&welcome->port[i]))
			return false;
	return true;
}

static bool settings_are_good(const void *at, size_t length)
{
	const struct contract_settings *settings = at;

	(void)length;
	return settings->gateway_id <= 63 &&
	       (settings->route_security == CONTRACT_RS_REQUIRE ||
		settings->route_security == CONTRACT_RS_ANNOTATE) &&
	       settings->route_security_add_level <= 3 &&
	       settings->insecure_access <= CONTRACT_INSECURE_ANY &&
	       is_flag(settings->is_identity_always_asserted) &&
	       is_flag(settings->is_legacy_restored) && settings->dscp <= 63 &&
	       settings->domain_count <= 8 && TEXTS_ARE_GOOD(settings->domain) &&
	       settings->emergency_count <= 8 && TEXTS_ARE_GOOD(settings->emergency);
}

static bool key_is_good(const void *at, size_t length)
{
	const struct contract_key *key = at;

	(void)length;
	return key->purpose >= CONTRACT_KEY_PERSISTENT && key->purpose <= CONTRACT_KEY_TOKEN &&
	       (key->purpose != CONTRACT_KEY_PERSISTENT || key->id == 0);
}

static bool sa_fields_are_good(const struct contract_sa *sa)
{
	const unsigned both = CONTRACT_SA_IN | CONTRACT_SA_OUT;

	return index_is_good(sa->index) && sa->generation >= 1 && (sa->directions & both) != 0 &&
	       (sa->directions & ~both) == 0 && sa->owner_kind >= CONTRACT_OWNER_TERMINAL &&
	       sa->owner_kind <= CONTRACT_OWNER_PEER &&
	       sa->suite >= CONTRACT_SUITE_AES_128_GCM_16 &&
	       sa->suite <= CONTRACT_SUITE_NULL_AES_128_GMAC_16 &&
	       sa->mode >= CONTRACT_TRANSPORT && sa->mode <= CONTRACT_UDP_TRANSPORT &&
	       (sa->level == 2 || sa->level == 3) && is_flag(sa->is_replay_checked) &&
	       is_flag(sa->is_refill) && address_is_good(&sa->inner_local) &&
	       address_is_good(&sa->inner_remote) && address_is_good(&sa->outer_local) &&
	       address_is_good(&sa->outer_remote) && TEXT_IS_GOOD(sa->subscriber);
}

static bool sa_is_good(const void *at, size_t length)
{
	(void)length;
	return sa_fields_are_good(at);
}

static bool sa_record_is_good(const void *at, size_t length)
{
	const struct contract_sa_record *record = at;

	(void)length;
	return sa_fields_are_good(&record->sa);
}

static bool sa_ref_is_good(const void *at, size_t length)
{
	const struct contract_sa_ref *ref = at;

	(void)length;
	return index_is_good(ref->index) && ref->generation >= 1;
}

static bool registrations_are_good(const struct contract_registration *registration)
{
	for (unsigned i = 0; i < LIMIT_BINDING_IDENTITIES; i++)
		if (registration[i].q_thousandths > 1000 || !is_flag(registration[i].is_primary))
			return false;
	return true;
}

static bool binding_is_good(const void *at, size_t length)
{
	const struct contract_binding *binding = at;

	(void)length;
	return index_is_good(binding->index) && binding->generation >= 1 && binding->level <= 3 &&
	       is_flag(binding->is_legacy) && is_flag(binding->is_untrusted) &&
	       binding->identity_count <= LIMIT_BINDING_IDENTITIES &&
	       registrations_are_good(binding->registration) &&
	       address_is_good(&binding->address) && TEXTS_ARE_GOOD(binding->identity) &&
	       TEXT_IS_GOOD(binding->contact) && TEXT_IS_GOOD(binding->subscriber);
}

static bool binding_ref_is_good(const void *at, size_t length)
{
	const struct contract_binding_ref *ref = at;

	(void)length;
	return index_is_good(ref->index) && ref->generation >= 1;
}

static bool identity_is_good(const void *at, size_t length)
{
	const struct contract_identity *identity = at;

	(void)length;
	return identity->kind >= CONTRACT_IDENTITY_LOCAL &&
	       identity->kind <= CONTRACT_IDENTITY_REMOTE &&
	       identity->group_count <= LIMIT_IDENTITY_GROUPS && identity->minimum_level <= 3 &&
	       is_flag(identity->must_be_secure) && TEXT_IS_GOOD(identity->aor);
}

/* A deletion names its thing; the rest of the struct is not looked at. */
static bool identity_name_is_good(const void *at, size_t length)
{
	const struct contract_identity *identity = at;

	(void)length;
	return TEXT_IS_GOOD(identity->aor);
}

static bool peer_index_is_good(const void *at, size_t length)
{
	const struct contract_peer *peer = at;

	(void)length;
	return peer->index >= 1 && peer->index <= 255;
}

static bool peer_is_good(const void *at, size_t length)
{
	const struct contract_peer *peer = at;

	return peer_index_is_good(at, length) && is_flag(peer->is_trusted) &&
	       is_flag(peer->is_transit) && is_flag(peer->is_sibling) && is_flag(peer->is_tls) &&
	       is_flag(peer->is_lost) && peer->level <= 3 &&
	       peer->route_security <= CONTRACT_RS_ANNOTATE && peer->domain_count <= 8 &&
	       peer->reach_count <= 8 && peer->address_count <= 8 && peer->sa_out_count <= 64 &&
	       addresses_are_good(peer->address, 8) && TEXT_IS_GOOD(peer->name) &&
	       TEXTS_ARE_GOOD(peer->domain) && TEXTS_ARE_GOOD(peer->reach);
}

static bool origin_is_good(uint8_t origin)
{
	return origin == CONTRACT_ORIGIN_CLEAR || origin == CONTRACT_ORIGIN_SA;
}

static bool sip_length_is_good(uint32_t sip_length, size_t rest)
{
	return sip_length >= 1 && sip_length <= LIMIT_SIP_MESSAGE_BYTES && sip_length == rest;
}

static bool sip_received_is_good(const void *at, size_t length)
{
	const struct contract_sip_received *sip = at;

	return origin_is_good(sip->origin) && address_is_good(&sip->source) &&
	       address_is_good(&sip->outer_source) && address_is_good(&sip->destination) &&
	       sip_length_is_good(sip->sip_length, length - sizeof(*sip));
}

static bool sip_send_is_good(const void *at, size_t length)
{
	const struct contract_sip_send *sip = at;

	return origin_is_good(sip->origin) && address_is_good(&sip->source) &&
	       address_is_good(&sip->destination) &&
	       sip_length_is_good(sip->sip_length, length - sizeof(*sip));
}

static bool sip_enter_is_good(const void *at, size_t length)
{
	const struct contract_sip_enter *sip = at;
	bool is_peer = sip->origin == CONTRACT_ORIGIN_PEER;

	return (is_peer || sip->origin == CONTRACT_ORIGIN_CLEAR) &&
	       is_peer == (sip->peer_index != 0) && sip->peer_index <= 255 &&
	       address_is_good(&sip->source) && address_is_good(&sip->destination) &&
	       sip_length_is_good(sip->sip_length, length - sizeof(*sip));
}

static bool sip_leaves_is_good(const void *at, size_t length)
{
	const struct contract_sip_leaves *sip = at;

	return sip->peer_index >= 1 && sip->peer_index <= 255 &&
	       sip_length_is_good(sip->sip_length, length - sizeof(*sip));
}

static bool dump_is_good(const void *at, size_t length)
{
	const struct contract_dump *dump = at;

	(void)length;
	return dump->kind >= CONTRACT_DUMP_SAS && dump->kind <= CONTRACT_DUMP_SAS_WITH_KEYS;
}

static bool answer_is_good(const void *at, size_t length)
{
	const struct contract_answer *answer = at;

	(void)length;
	return answer->result <= RESULT_MEMORY;
}

static bool counters_are_good(const void *at, size_t length)
{
	const struct contract_counters *counters = at;
	const size_t fixed = offsetof(struct contract_counters, counter);

	if (counters->count > sizeof(counters->counter) / sizeof(counters->counter[0]) ||
	    length != fixed + counters->count * sizeof(counters->counter[0]))
		return false;
	for (uint32_t i = 0; i < counters->count; i++)
		if (counters->counter[i].kind < CONTRACT_COUNTER_NODE ||
		    counters->counter[i].kind > CONTRACT_COUNTER_GAUGE ||
		    !TEXT_IS_GOOD(counters->counter[i].name))
			return false;
	return true;
}

static bool leg_is_good(const struct contract_leg *leg)
{
	return leg->kind <= CONTRACT_LEG_SELF && leg->level <= 3 &&
	       address_is_good(&leg->address);
}

static bool event_is_good(const void *at, size_t length)
{
	const struct contract_event *event = at;

	(void)length;
	return event->kind >= CONTRACT_EVENT_SENDER_MISMATCH &&
	       event->kind <= CONTRACT_EVENT_UNREGISTERED &&
	       event->fault < SIP_FAULT_COUNT && TEXT_IS_GOOD(event->method) &&
	       TEXT_IS_GOOD(event->caller) && TEXT_IS_GOOD(event->callee) &&
	       TEXT_IS_GOOD(event->call_id) && TEXT_IS_GOOD(event->claimed) &&
	       address_is_good(&event->outer) && leg_is_good(&event->came_by) &&
	       leg_is_good(&event->goes_to);
}

#define FIXED(id, type, check)                                                                     \
	{                                                                                          \
		(id), sizeof(type), false, (check)                                                 \
	}

static const struct shape shapes[] = {
	FIXED(CONTRACT_HELLO, struct contract_hello, hello_is_good),
	FIXED(CONTRACT_SETTINGS_PUT, struct contract_settings, settings_are_good),
	FIXED(CONTRACT_KEY_PUT, struct contract_key, key_is_good),
	FIXED(CONTRACT_KEY_DELETE, struct contract_key, key_is_good),
	FIXED(CONTRACT_SA_PUT, struct contract_sa, sa_is_good),
	FIXED(CONTRACT_SA_DELETE, struct contract_sa_ref, sa_ref_is_good),
	FIXED(CONTRACT_BINDING_PUT, struct contract_binding, binding_is_good),
	FIXED(CONTRACT_BINDING_DELETE, struct contract_binding_ref, binding_ref_is_good),
	FIXED(CONTRACT_IDENTITY_PUT, struct contract_identity, identity_is_good),
	FIXED(CONTRACT_IDENTITY_DELETE, struct contract_identity, identity_name_is_good),
	FIXED(CONTRACT_PEER_PUT, struct contract_peer, peer_is_good),
	FIXED(CONTRACT_PEER_DELETE, struct contract_peer, peer_index_is_good),
	FIXED(CONTRACT_POLICY_PUT, struct contract_policy, NULL),
	{CONTRACT_SIP_SEND, sizeof(struct contract_sip_send), true, sip_send_is_good},
	FIXED(CONTRACT_DUMP, struct contract_dump, dump_is_good),
	FIXED(CONTRACT_COUNTERS_GET, struct contract_header, NULL),
	FIXED(CONTRACT_WELCOME, struct contract_welcome, welcome_is_good),
	FIXED(CONTRACT_ANSWER, struct contract_answer, answer_is_good),
	FIXED(CONTRACT_SA_RECORD, struct contract_sa_record, sa_record_is_good),
	FIXED(CONTRACT_BINDING_RECORD, struct contract_binding, binding_is_good),
	{CONTRACT_COUNTERS, offsetof(struct contract_counters, counter), true, counters_are_good},
	{CONTRACT_SIP_RECEIVED, sizeof(struct contract_sip_received), true, sip_received_is_good},
	FIXED(CONTRACT_EVENT, struct contract_event, event_is_good),
	{CONTRACT_SIP_ENTER, sizeof(struct contract_sip_enter), true, sip_enter_is_good},
	{CONTRACT_SIP_LEAVES, sizeof(struct contract_sip_leaves), true, sip_leaves_is_good},
};

static const struct shape *shape_find(uint16_t id)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].id == id)
			return &shapes[i];
	return NULL;
}

enum result contract_validate(const void *at, size_t length)
{
	const struct contract_header *header = at;
	const struct shape *shape;

	if (length < sizeof(*header) || length > CONTRACT_MESSAGE_BYTES ||
	    header->magic != CONTRACT_MAGIC)
		return RESULT_BAD;
	if (header->version != CONTRACT_VERSION)
		return RESULT_VERSION;
	if (header->length != length)
		return RESULT_BAD;
	shape = shape_find(header->id);
	if (!shape)
		return RESULT_NOT_FOUND;
	if (shape->is_counted ? length < shape->size : length != shape->size)
		return RESULT_BAD;
	if (shape->check && !shape->check(at, length))
		return RESULT_BAD;
	return RESULT_OK;
}

void contract_header_set(struct contract_header *header, enum contract_id id, size_t length,
			 uint32_t request)
{
	*header = (struct contract_header){
		.magic = CONTRACT_MAGIC,
		.version = CONTRACT_VERSION,
		.id = (uint16_t)id,
		.length = (uint32_t)length,
		.request = request,
	};
}
