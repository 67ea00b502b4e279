/*
 * In: a request that may reach its callee.
 * Out: to rewrite with the egress found; 480, 503 to reply.
 * Drops: ACKs that would have been refused.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/locate.h"

#include "dataplane/nodes/forbid.h"

enum locate_edge locate_step(struct worker *worker, struct packet *packet)
{
	enum rules_way way = rules_locate(packet->rules);

	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		rules_output_look(worker, packet);
		return LOCATE_TO_REWRITE;
	case RULES_REPLY:
		return LOCATE_TO_REPLY;
	default:
		return LOCATE_TO_DROP;
	}
}

NODE_BURST(locate)
NODE_REGISTER(locate, "sk_rewrite", "sk_reply", "sk_drop")
