#include "dataplane/rules/forwards_check.h"

enum rules_way rules_forwards_check(struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;
	struct slice target = rules->target.text;

	if (message->has_max_forwards && message->max_forwards == 0)
		return rules_refuse(rules, 483, DROP_sip_ack_refused);
	branch_make(rules->keys->branch, message, &rules->ingress.leg,
		    target.len > 0 ? target : message->uri.text, rules->branch);
	if (branch_is_loop(message, rules->branch))
		return rules_refuse(rules, 482, DROP_sip_ack_refused);
	return RULES_NEXT;
}
