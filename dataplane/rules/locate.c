#include "dataplane/rules/locate.h"

#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"

bool locate_is_up(const struct link *link)
{
	return link->kind != LEG_PEER || link->peer->sa_out_count > 0;
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

enum rules_way rules_locate(struct packet_rules *rules)
{
	if (rules->callee)
		return terminal_locate(rules);
	if (link_to_peer(rules->tables, rules->next_peer, &rules->egress) != RESULT_OK ||
	    !locate_is_up(&rules->egress))
		return rules_refuse(rules, 503, DROP_sip_peer_down);
	return RULES_NEXT;
}
