/*
 * In: a request whose caller is proven.
 * Out: to dialog, the previous hop's Route-Security entry judged and our branch made; requests for
 * the gateway itself to to_control; 400, 403, 482, 483 to reply.
 * Drops: ACKs that would have been refused, or are for the gateway itself.
 */
#include "dataplane/rules/hop_check.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/ahead.h"
#include "dataplane/rules/forwards_check.h"

#include "dataplane/nodes/forbid.h"

enum hop_check_edge hop_check_step(struct worker *worker, struct packet *packet)
{
	enum rules_way way = rules_hop_check(packet->rules);

	if (way == RULES_NEXT)
		way = rules_forwards_check(packet->rules);
	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		return HOP_CHECK_TO_DIALOG;
	case RULES_REPLY:
		return HOP_CHECK_TO_REPLY;
	case RULES_TO_CONTROL:
		return rules_output_is_unserved(worker, packet) ? HOP_CHECK_TO_REPLY
								: HOP_CHECK_TO_CONTROL;
	default:
		return HOP_CHECK_TO_DROP;
	}
}

/* Where callees and legs of dialogs are known; the branches of all of them. */
static void hop_check_look(struct worker *worker, void **packets, uint16_t count)
{
	(void)worker;
	for (uint16_t i = 0; i < count; i++)
		ahead_records(((struct packet *)packets[i])->rules);
	rules_output_prove(packets, count, rules_branches_make);
}

NODE_BURST_LOOK(hop_check)
NODE_REGISTER(hop_check, "sk_dialog", "sk_reply", "sk_to_control", "sk_drop")
