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

/* What the policy's patterns found, remembered. */
static void policy_look(struct worker *worker, void **packets, uint16_t count)
{
	struct packet_rules *rules[LOOK_PACKETS];

	for (uint16_t i = 0; i < count; i++)
		rules[i] = ((struct packet *)packets[i])->rules;
	for (uint16_t at = 0; at < count; at = (uint16_t)(at + RULES_TOGETHER))
		rules_policies_ahead(&rules[at],
				     RTE_MIN((unsigned)(count - at), (unsigned)RULES_TOGETHER),
				     worker->policy);
}

NODE_BURST_LOOK(policy)
NODE_REGISTER(policy, "sk_locate", "sk_reply", "sk_drop")
