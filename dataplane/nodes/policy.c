/*
 * In: a request without a token.
 * Out: to locate where caller may reach callee; the one 404, and 503 to who asks too often, to
 * reply.
 * Drops: ACKs that would have been refused.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/policy.h"

#include "dataplane/nodes/forbid.h"

enum policy_edge policy_step(struct worker *worker, struct packet *packet)
{
	enum rules_way way = rules_policy(packet->rules, worker->policy);

	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		return POLICY_TO_LOCATE;
	case RULES_REPLY:
		return POLICY_TO_REPLY;
	default:
		return POLICY_TO_DROP;
	}
}

NODE_BURST(policy)
NODE_REGISTER(policy, "sk_locate", "sk_reply", "sk_drop")
