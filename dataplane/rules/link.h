/* A link: one side of a message's way through the gateway, and who is at its other end. */
#ifndef SEKISHO_DATAPLANE_RULES_LINK_H
#define SEKISHO_DATAPLANE_RULES_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/rules/leg.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/settings.h"
#include "shared/result.h"

struct tables;

/* Pointers are good until the worker's next quiescent state: for this walk of the graph. */
struct link {
	enum leg_kind kind;
	uint8_t level; /* enum sip_level: what Route-Security says of it */
	uint8_t port;
	const struct binding *binding; /* terminal; NULL while it is not registered */
	const struct peer *peer;       /* peer */
	struct sip_address local;      /* our address on it, with the SIP port */
	const struct own_address *own; /* the same with its text; only of an egress */
	struct sip_address remote;     /* the other's: inner for an SA */
	struct leg leg;
};

/* With what our Via begins on an egress, up to the branch. */
static inline const struct own_text *link_via(const struct link *link)
{
	bool is_tls = link->kind == LEG_PEER && link->peer->is_tls;

	return is_tls ? &link->own->via_tls : &link->own->via;
}

/*
 * And our Record-Route entry between two links, from behind the token on. If either is by TLS it
 * says so: the other vendor's proxy goes by it, while terminals and our own kind know us by their
 * SAs.
 */
static inline const struct own_text *link_record(const struct link *from, const struct link *to)
{
	bool is_tls = (from->kind == LEG_PEER && from->peer->is_tls) ||
		      (to->kind == LEG_PEER && to->peer->is_tls);

	return is_tls ? &to->own->record_tls : &to->own->record;
}

/* Marked by the operator: who is there does not know Route-Security and echoes none. */
static inline bool link_is_legacy(const struct link *link)
{
	return link->binding && link->binding->is_legacy;
}

/* Each RESULT_OK, or RESULT_NOT_FOUND if we have no address of that family on that port. */
enum result link_to_binding(const struct tables *tables, const struct settings *settings,
			    const struct binding *binding, struct link *out) SEKISHO_MUST_USE;
enum result link_to_peer(const struct tables *tables, const struct peer *peer,
			 struct link *out) SEKISHO_MUST_USE;
enum result link_to_clear(const struct tables *tables, const struct settings *settings,
			  uint8_t port, const struct sip_address *address,
			  struct link *out) SEKISHO_MUST_USE;

/*
 * The binding that is most likely at the other end of a leg: the one it names, or who is registered
 * in the clear at its address (packet_rules.likely); 0: nobody is known. It proves nothing.
 */
uint32_t link_likely_index(const struct tables *tables, const struct leg *leg);
/* Brings near what that will read. */
void link_likely_ask(const struct tables *tables, const struct leg *leg);

/*
 * The link that a leg names, now. RESULT_OK; RESULT_NOT_FOUND: the binding or peer is gone, or it
 * is another gateway's. For LEG_SELF only kind and leg are set.
 */
enum result link_to_leg(const struct tables *tables, const struct settings *settings,
			const struct leg *leg, struct link *out) SEKISHO_MUST_USE;

#endif
