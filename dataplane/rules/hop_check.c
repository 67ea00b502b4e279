#include "dataplane/rules/hop_check.h"

#include "dataplane/rules/ahead.h"

static enum rules_way wrong(struct packet_rules *rules)
{
	rules_tell_refusal(rules, CONTRACT_EVENT_ROUTE_SECURITY, 403, slice_make("", 0));
	return rules_refuse(rules, 403, DROP_sip_route_security);
}

/* Its entry is there and says what we know. */
static bool is_true(const struct packet_rules *rules)
{
	return rules->series.count > 0 &&
	       sip_route_security_entry_is(&rules->series.entries[0], &rules->ingress.remote,
					   rules->ingress.level);
}

/* A link too weak for an entry has none: that is no fault of the hop, but it is shown. */
static bool is_excused(const struct packet_rules *rules)
{
	return rules->series.count == 0 && rules->ingress.level < rules->settings->add_level;
}

static bool is_required(const struct packet_rules *rules)
{
	uint8_t of_peer = rules->ingress.peer ? rules->ingress.peer->route_security : 0;

	if (link_is_legacy(&rules->ingress))
		return false;
	return (of_peer ? of_peer : rules->settings->route_security) == CONTRACT_RS_REQUIRE;
}

static enum rules_way hop_judge(struct packet_rules *rules)
{
	/* Nobody is behind a terminal: further entries are made up. */
	if (rules->ingress.kind != LEG_PEER && rules->series.count > 1)
		return wrong(rules);
	if (is_true(rules))
		return RULES_NEXT;
	if (!is_excused(rules) && is_required(rules))
		return wrong(rules);
	rules->is_annotated = true;
	return RULES_NEXT;
}

enum rules_way rules_hop_check(struct packet_rules *rules)
{
	enum rules_way way;

	sip_route_security_read(rules->message, &rules->series);
	if (rules->series.count > LIMIT_ROUTE_SECURITY_ENTRIES)
		return rules_refuse(rules, 400, DROP_sip_ack_refused);
	way = hop_judge(rules);
	if (way != RULES_NEXT || !rules->is_for_gateway)
		return way;
	if (rules->message->method == SIP_METHOD_ACK)
		return rules_drop(rules, DROP_sip_ack_absorbed);
	/* A peer asks whether the way to us is open: it is, whether or not a control plane is here.
	 */
	if (rules->message->method == SIP_METHOD_OPTIONS && rules->ingress.kind == LEG_PEER)
		return rules_reply(rules, 200);
	return RULES_TO_CONTROL;
}
