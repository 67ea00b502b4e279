#include "dataplane/rules/dialog_sibling.h"

#include "dataplane/rules/dialog.h"
#include "dataplane/rules/dialog_token.h"
#include "dataplane/rules/locate.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

/* Two gateways of ours are in a call, at most; each may have more than one entry. */
#define STOPS_MAX 8

static bool is_from_sibling(const struct packet_rules *rules)
{
	return rules->ingress.peer && rules->ingress.peer->is_sibling;
}

static bool is_siblings_leg(const struct packet_rules *rules, const struct leg *leg)
{
	struct leg_fields fields;
	const struct peer *peer;

	leg_fields_get(leg, &fields);
	if (fields.kind != LEG_PEER)
		return false;
	peer = peer_table_by_leg(rules->tables->peers, fields.peer);
	return peer && peer->is_sibling;
}

/*
 * The leg itself; a sibling, which speaks for whatever its terminals and peers may; the terminal
 * that a sibling knew under another index. That From is the recorded one the token's MAC says, that
 * it is the sender's from_check has.
 */
static bool is_right_sender(const struct packet_rules *rules, const struct leg *leg)
{
	const struct binding *binding = rules->ingress.binding;
	struct leg_fields fields;

	if (leg_is_equal(leg, &rules->ingress.leg) || is_from_sibling(rules))
		return true;
	leg_fields_get(leg, &fields);
	return rules->ingress.kind == LEG_TERMINAL && fields.kind == LEG_TERMINAL && binding &&
	       fields.gateway_id != rules->settings->gateway_id && fields.name == binding->name;
}

/* To another gateway of ours, which goes on at the entry at place `at`. */
static uint16_t pass_on(struct packet_rules *rules, const struct peer *sibling, unsigned at)
{
	if (!sibling || is_from_sibling(rules))
		return 481;
	if (link_to_peer(rules->tables, sibling, &rules->egress) != RESULT_OK ||
	    !locate_is_up(rules, &rules->egress))
		return 503;
	rules->route.own = (uint16_t)at;
	return 0;
}

/* The gateway of ours that has the terminal: the one whose entry this is, else where its name is.
 */
static const struct peer *sibling_of(const struct packet_rules *rules,
				     const struct route_stop *stop)
{
	const struct identity *identity;
	struct text_key to;

	if (stop->sibling && peer_is_up(stop->sibling))
		return stop->sibling;
	to = text_key_make(rules->to.text);
	identity = identity_table_find(rules->tables->identities, &to);
	return identity ? peer_table_at(rules->tables->peers, identity->sibling) : NULL;
}

static const struct binding *binding_of(const struct packet_rules *rules,
					const struct leg_fields *fields)
{
	const struct text_key nobody = {0}, to = text_key_make(rules->to.text);
	const struct binding_table *bindings = rules->tables->bindings;
	const struct binding *binding = NULL;

	if (fields->gateway_id == rules->settings->gateway_id)
		binding = binding_table_find(bindings, fields->index, fields->generation);
	if (!binding || binding->name != fields->name)
		binding = binding_table_by_name(
			bindings, fields->name,
			sip_uri_is_anonymous(&rules->message->to.uri) ? &nobody : &to);
	/* A secure leg goes on over nothing less. */
	return binding && binding->sa_index != 0 ? binding : NULL;
}

static uint16_t to_terminal(struct packet_rules *rules, const struct route_stop *stop,
			    const struct leg_fields *fields, unsigned at)
{
	const struct binding *binding = binding_of(rules, fields);

	if (!binding)
		return pass_on(rules, sibling_of(rules, stop), at);
	if (link_to_binding(rules->tables, rules->settings, binding, &rules->egress) != RESULT_OK)
		return 481;
	rules->route.own = (uint16_t)(at + 1);
	return rules->route.own == rules->route.count && !rules->route.is_bad ? 0 : 403;
}

static uint16_t to_peer(struct packet_rules *rules, const struct leg *leg, unsigned at)
{
	if (link_to_leg(rules->tables, rules->settings, leg, &rules->egress) != RESULT_OK)
		return 481;
	rules->route.own = (uint16_t)(at + 1);
	route_next_read(rules->message, at + 1, &rules->route);
	if (dialog_next_check(rules) != RESULT_OK)
		return 403;
	return locate_is_up(rules, &rules->egress) ? 0 : 503;
}

/* Out of our domain, or to a terminal, from the stop at place `at`. */
static uint16_t leave(struct packet_rules *rules, const struct route_stop *stop,
		      const struct leg *leg, unsigned at)
{
	struct leg_fields fields;

	leg_fields_get(leg, &fields);
	switch (fields.kind) {
	case LEG_TERMINAL:
		return to_terminal(rules, stop, &fields, at);
	case LEG_PEER:
		return to_peer(rules, leg, at);
	case LEG_CLEAR: /* an address that another gateway's link led to */
	case LEG_SELF:
		break;
	}
	return 481;
}

uint16_t dialog_sibling_follow(struct packet_rules *rules, bool is_caller)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_ROUTE);
	struct sip_entry entry;

	for (unsigned at = 0; at < STOPS_MAX && sip_entries_next(&entries, &entry); at++) {
		const struct leg *from, *to;
		struct route_stop stop;
		struct token token;

		if (route_stop_read(rules->tables, rules->settings, entry.text, &stop) != RESULT_OK)
			return 481;
		/* A live one's entry is its own to process. */
		if (at > 0 && stop.sibling && peer_is_up(stop.sibling))
			return pass_on(rules, stop.sibling, at);
		if (token_read(stop.token, &token) != RESULT_OK ||
		    !dialog_token_holds(rules, &token, is_caller))
			return 481;
		from = is_caller ? &token.caller : &token.callee;
		to = is_caller ? &token.callee : &token.caller;
		if (at == 0 ? !is_right_sender(rules, from) : !is_siblings_leg(rules, from))
			return 403;
		if (!is_siblings_leg(rules, to))
			return leave(rules, &stop, to, at);
	}
	return 481;
}
