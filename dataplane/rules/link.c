#include "dataplane/rules/link.h"

#include "dataplane/rules/ahead.h"
#include "dataplane/worker.h"
#include "shared/sip/route_security.h"

static enum result local_set(const struct tables *tables, struct link *link)
{
	const struct own_address *own =
		settings_own_address(tables->settings, link->port, link->remote.family);

	if (!own)
		return RESULT_NOT_FOUND;
	link->own = own;
	link->local = own->address;
	return RESULT_OK;
}

/* All but its leg; remote is set. */
static enum result clear_set(const struct tables *tables, uint8_t port, struct link *out)
{
	out->kind = LEG_CLEAR;
	out->level = SIP_LEVEL_CLEAR;
	out->port = port;
	out->binding = NULL;
	out->peer = NULL;
	return local_set(tables, out);
}

enum result link_to_clear(const struct tables *tables, const struct settings *settings,
			  uint8_t port, const struct sip_address *address, struct link *out)
{
	out->remote = *address;
	leg_of_clear(&out->leg, settings->gateway_id, port, address);
	return clear_set(tables, port, out);
}

/* All but its leg. */
static enum result terminal_set(const struct tables *tables, const struct binding *binding,
				struct link *out)
{
	out->kind = LEG_TERMINAL;
	out->level = binding->level;
	out->port = binding->port;
	out->binding = binding;
	out->peer = NULL;
	out->remote = binding->address;
	return local_set(tables, out);
}

enum result link_to_binding(const struct tables *tables, const struct settings *settings,
			    const struct binding *binding, struct link *out)
{
	enum result result;

	if (binding->sa_index == 0) {
		/* Registered, but in clear: what it sends proves an address and no more. */
		result = link_to_clear(tables, settings, binding->port, &binding->address, out);
		out->binding = binding;
		return result;
	}
	leg_of_terminal(&out->leg, settings->gateway_id, binding->index, binding->generation,
			binding->name);
	return terminal_set(tables, binding, out);
}

enum result link_to_peer(const struct tables *tables, const struct peer *peer, struct link *out)
{
	if (peer->address_count == 0)
		return RESULT_NOT_FOUND;
	out->kind = LEG_PEER;
	out->level = peer->level;
	out->port = peer->port;
	out->binding = NULL;
	out->peer = peer;
	out->remote = peer->address[0];
	leg_of_peer(&out->leg, peer);
	return local_set(tables, out);
}

void link_likely_ask(const struct tables *tables, const struct leg *leg)
{
	const struct binding_places *places = &tables->bindings->places;
	struct sip_address address;

	if (leg_kind(leg) == LEG_TERMINAL) {
		ahead_slot(tables->bindings, leg_binding_index(leg));
	} else if (leg_kind(leg) == LEG_CLEAR) {
		leg_address_get(leg, &address);
		rte_prefetch0((const void *)binding_places_bucket(
			places, binding_places_hash(places, &address)));
	}
}

uint32_t link_likely_index(const struct tables *tables, const struct leg *leg)
{
	struct sip_address address;

	if (leg_kind(leg) != LEG_CLEAR)
		return leg_binding_index(leg);
	leg_address_get(leg, &address);
	return binding_places_find(&tables->bindings->places, &address);
}

/* Who has that index now is the leg's terminal if his leg is the same: gateway, generation, name. */
static enum result link_to_terminal(const struct tables *tables, const struct settings *settings,
				    const struct leg *leg, struct link *out)
{
	const struct binding *binding = binding_table_at(tables->bindings, leg_binding_index(leg));
	struct leg now;

	if (!binding || binding->sa_index == 0)
		return RESULT_NOT_FOUND;
	leg_of_terminal(&now, settings->gateway_id, binding->index, binding->generation,
			binding->name);
	if (!leg_is_equal(&now, leg))
		return RESULT_NOT_FOUND;
	out->leg = *leg;
	return terminal_set(tables, binding, out);
}

static enum result link_to_peer_leg(const struct tables *tables, const struct leg *leg,
				    struct link *out)
{
	struct leg_fields fields;
	const struct peer *peer;

	leg_fields_get(leg, &fields);
	peer = peer_table_by_leg(tables->peers, fields.peer);
	return peer ? link_to_peer(tables, peer, out) : RESULT_NOT_FOUND;
}

enum result link_to_leg(const struct tables *tables, const struct settings *settings,
			const struct leg *leg, struct link *out)
{
	bool is_here = leg_gateway_id(leg) == settings->gateway_id;

	switch (leg_kind(leg)) {
	case LEG_TERMINAL:
		return link_to_terminal(tables, settings, leg, out);
	case LEG_PEER:
		return link_to_peer_leg(tables, leg, out);
	case LEG_CLEAR:
		if (!is_here)
			return RESULT_NOT_FOUND;
		leg_address_get(leg, &out->remote);
		out->leg = *leg;
		return clear_set(tables, leg_clear_port(leg), out);
	case LEG_SELF:
		out->kind = LEG_SELF;
		out->leg = *leg;
		return is_here ? RESULT_OK : RESULT_NOT_FOUND;
	}
	return RESULT_NOT_FOUND;
}
