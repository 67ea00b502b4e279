/*
 * In: a request whose egress is known.
 * Out: ready to leave, to esp_seal, clear_out or to_peer_tls; 400, 513 to reply.
 * Drops: ACKs that would have been refused; where no buffer is left.
 */
#include "dataplane/rules/rewrite.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/emergency.h"

#include "dataplane/nodes/forbid.h"

static enum rewrite_edge refused(struct packet *packet, enum rules_way way)
{
	rules_output_note(packet);
	return way == RULES_REPLY ? REWRITE_TO_REPLY : REWRITE_TO_DROP;
}

enum rewrite_edge rewrite_step(struct worker *worker, struct packet *packet)
{
	struct packet_rules *rules = packet->rules;
	struct sip_edit edit;
	enum rules_way way = rules_rewrite(rules, &edit);

	if (way != RULES_NEXT)
		return refused(packet, way);
	packet->egress.is_urgent = emergency_is_urgent(rules); /* the edit moves what it reads */
	switch (rules_output_edit(worker, packet, &edit)) {
	case RESULT_OK:
		break;
	case RESULT_MEMORY:
		return refused(packet, rules_drop(rules, DROP_sip_no_room));
	default:
		return refused(packet, rules_refuse(rules, 513, DROP_sip_ack_refused));
	}
	switch (rules_output_to(worker, packet, &rules->egress)) {
	case RULES_OUTPUT_SA:
		return REWRITE_TO_ESP_SEAL;
	case RULES_OUTPUT_CLEAR:
		return REWRITE_TO_CLEAR_OUT;
	case RULES_OUTPUT_TLS:
		return REWRITE_TO_PEER_TLS;
	default:
		return refused(packet, rules_drop(rules, DROP_sip_peer_down));
	}
}

/* The digests and MACs of all of them. */
static void rewrite_look(struct worker *worker, void **packets, uint16_t count)
{
	(void)worker;
	rules_output_prove(packets, count, rules_rewrites_prove);
}

NODE_BURST_LOOK(rewrite)
NODE_REGISTER(rewrite, "sk_esp_seal", "sk_clear_out", "sk_to_peer_tls", "sk_reply", "sk_drop")
