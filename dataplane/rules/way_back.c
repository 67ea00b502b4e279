#include "dataplane/rules/way_back.h"

#include "dataplane/rules/locate.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

struct slice way_back_via(const struct sip_message *message)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_VIA);
	struct sip_entry entry;

	/* Two of them on two lines: each has one to itself. */
	if (message->via_count == 2 &&
	    message->first[SIP_HEADER_VIA] != message->last[SIP_HEADER_VIA])
		return sip_message_line_value(message, message->last[SIP_HEADER_VIA]);
	if (message->via_count < 2 || !sip_entries_next(&entries, &entry) ||
	    !sip_entries_next(&entries, &entry))
		return slice_make(message->base, 0);
	return entry.text;
}

/*
 * Of several gateways of the peer that asked, the one whose Via stands below ours, which sk= has
 * proved to be what stood there. One of the others, if that has no link any more.
 */
static enum result gateway_choose(struct packet_rules *rules)
{
	const struct peer_table *peers = rules->tables->peers;
	struct sip_address address;
	const struct peer *asked;
	struct sip_via via;

	if (rules->egress.kind != LEG_PEER ||
	    !peer_table_is_one_of_many(peers, rules->egress.peer) ||
	    sip_via_parse(way_back_via(rules->message), &via) != RESULT_OK)
		return RESULT_OK;
	address = via.address;
	if (address.family == 0 && sip_address_parse(via.received, &address) != RESULT_OK)
		return RESULT_OK;
	asked = peer_table_beside(peers, rules->egress.peer, &address);
	if (!asked || !peer_is_linked(asked))
		return RESULT_OK;
	return link_to_peer(rules->tables, asked, &rules->egress);
}

enum rules_way rules_way_back(struct packet_rules *rules)
{
	if (link_to_leg(rules->tables, rules->settings, &rules->returning.state.ingress,
			&rules->egress) != RESULT_OK)
		return rules_drop(rules, DROP_sip_response_gone);
	if (rules->egress.kind == LEG_SELF)
		return rules_drop(rules, DROP_sip_response_self);
	if (gateway_choose(rules) != RESULT_OK || !locate_is_linked(rules, &rules->egress))
		return rules_drop(rules, DROP_sip_response_gone);
	return RULES_NEXT;
}
