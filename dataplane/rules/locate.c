#include "dataplane/rules/locate.h"

#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"

bool locate_is_linked(const struct packet_rules *rules, const struct link *link)
{
	if (link->kind != LEG_PEER)
		return true;
	return link->peer->is_tls ? rules->has_controlplane : peer_is_linked(link->peer);
}

bool locate_is_up(const struct packet_rules *rules, const struct link *link)
{
	return locate_is_linked(rules, link) && (link->kind != LEG_PEER || peer_is_up(link->peer));
}

static enum rules_way terminal_locate(struct packet_rules *rules)
{
	const struct binding *binding =
		binding_table_find(rules->tables->bindings, rules->callee->binding_index,
				   rules->callee->binding_generation);

	if (!binding || binding->expires_s <= rules->now_s ||
	    link_to_binding(rules->tables, rules->settings, binding, &rules->egress) != RESULT_OK)
		return rules_refuse(rules, 480, DROP_sip_not_registered);
	return RULES_NEXT;
}

/*
 * One of ours that is not here but at a sibling (pushed ahead by the control plane). What a sibling
 * sent is delivered here or not at all: two that each believe the other has it send nothing around.
 */
static bool is_at_sibling(const struct packet_rules *rules)
{
	const struct peer *from = rules->ingress.peer;

	return rules->callee->binding_index == 0 && rules->callee->sibling != 0 &&
	       !(from && from->is_sibling);
}

/*
 * The gateway of the peer's domain that takes this call. By Call-ID, so that retransmissions,
 * CANCEL and ACK meet their INVITE.
 */
static void gateway_choose(struct packet_rules *rules)
{
	const struct peer_table *peers = rules->tables->peers;

	if (rules->next_peer && peer_table_is_one_of_many(peers, rules->next_peer))
		rules->next_peer = peer_table_choose(peers, rules->next_peer,
						     text_hash(rules->message->call_id));
}

enum rules_way rules_locate(struct packet_rules *rules)
{
	if (rules->callee && is_at_sibling(rules))
		rules->next_peer = peer_table_at(rules->tables->peers, rules->callee->sibling);
	else if (rules->callee)
		return terminal_locate(rules);
	else
		gateway_choose(rules);
	if (!rules->next_peer)
		return rules_refuse(rules, 480, DROP_sip_not_registered);
	if (link_to_peer(rules->tables, rules->next_peer, &rules->egress) != RESULT_OK ||
	    !locate_is_up(rules, &rules->egress))
		return rules_refuse(rules, 503, DROP_sip_peer_down);
	return RULES_NEXT;
}
