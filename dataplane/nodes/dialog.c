/*
 * In: a request with hops left.
 * Out: with a token of ours to rewrite, its other leg found; without one to policy; 403, 481 to
 * reply.
 * Drops: ACKs that would have been refused.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/dialog.h"
#include "dataplane/rules/dialog_token.h"

#include "dataplane/nodes/forbid.h"

enum dialog_edge dialog_step(struct worker *worker, struct packet *packet)
{
	enum rules_way way = rules_dialog(packet->rules);

	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		return DIALOG_TO_POLICY;
	case RULES_IN_DIALOG:
		rules_output_look(worker, packet);
		return DIALOG_TO_REWRITE;
	case RULES_REPLY:
		return DIALOG_TO_REPLY;
	default:
		return DIALOG_TO_DROP;
	}
}

/* The tokens of those that have one. */
static void dialog_look(struct worker *worker, void **packets, uint16_t count)
{
	(void)worker;
	rules_output_prove(packets, count, rules_tokens_prove);
}

NODE_BURST_LOOK(dialog)
NODE_REGISTER(dialog, "sk_policy", "sk_rewrite", "sk_reply", "sk_drop")
