/*
 * In: a request that parses, and the link it came by.
 * Out: to hop_check with the caller proven; 403 and its kind to reply; clear requests whose
 * digest is to be checked to to_control.
 * Drops: ACKs that would have been refused.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/asked.h"
#include "dataplane/rules/from_check.h"

#include "dataplane/nodes/forbid.h"

enum from_check_edge from_check_step(struct worker *worker, struct packet *packet)
{
	enum rules_way way = rules_from_check(packet->rules);

	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		if (!packet->rules->has_token)
			asked_begin(packet->rules, worker->policy);
		return FROM_CHECK_TO_HOP_CHECK;
	case RULES_REPLY:
		return FROM_CHECK_TO_REPLY;
	case RULES_TO_CONTROL:
		return rules_output_is_unserved(worker, packet) ? FROM_CHECK_TO_REPLY
								: FROM_CHECK_TO_CONTROL;
	default:
		return FROM_CHECK_TO_DROP;
	}
}

NODE_BURST(from_check)
NODE_REGISTER(from_check, "sk_hop_check", "sk_reply", "sk_to_control", "sk_drop")
