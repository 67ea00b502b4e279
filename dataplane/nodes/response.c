/*
 * In: a response that parses, and the link it came by.
 * Out: back on the leg of its request, to esp_seal, clear_out or to_peer_tls; to bad_gateway what came back
 * changed.
 * Drops: what no request of ours asked for, came from elsewhere or was changed; legs that are gone.
 */
#include "dataplane/rules/response.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/ahead.h"
#include "dataplane/rules/emergency.h"

#include "dataplane/nodes/forbid.h"

static enum response_edge dropped(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return RESPONSE_TO_DROP;
}

enum response_edge response_step(struct worker *worker, struct packet *packet)
{
	struct packet_rules *rules = packet->rules;
	struct sip_edit edit;
	enum rules_way way = rules_response(rules, &edit);

	if (way == RULES_DROP)
		return dropped(packet, (enum drop_reason)rules->drop_reason);
	if (way == RULES_BAD_GATEWAY)
		return RESPONSE_TO_BAD_GATEWAY;
	packet->egress.is_urgent = emergency_is_urgent(rules); /* the edit moves what it reads */
	if (rules_output_edit(worker, packet, &edit) != RESULT_OK)
		return dropped(packet, DROP_sip_no_room);
	switch (rules_output_to(worker, packet, &rules->egress)) {
	case RULES_OUTPUT_SA:
		return RESPONSE_TO_ESP_SEAL;
	case RULES_OUTPUT_CLEAR:
		return RESPONSE_TO_CLEAR_OUT;
	case RULES_OUTPUT_TLS:
		return RESPONSE_TO_PEER_TLS;
	default:
		return dropped(packet, DROP_sip_response_gone);
	}
}

/* The terminals that responses go back to, each miss asked for before the first is waited for: where they
 * stand, and what is there; then the proofs of all of them. */
static void response_look(struct worker *worker, void **packets, uint16_t count)
{
	const struct binding_table *bindings = worker->tables->bindings;
	uint32_t index[LOOK_PACKETS];

	for (uint16_t i = 0; i < count; i++)
		rules_response_read(((struct packet *)packets[i])->rules);
	for (uint16_t i = 0; i < count; i++) {
		index[i] = rules_response_likely(((struct packet *)packets[i])->rules);
		ahead_slot(bindings, index[i]);
	}
	for (uint16_t i = 0; i < count; i++)
		ahead_binding_touch(bindings, index[i]);
	rules_output_prove(packets, count, rules_responses_prove);
}

NODE_BURST_LOOK(response)
NODE_REGISTER(response, "sk_esp_seal", "sk_clear_out", "sk_to_peer_tls", "sk_bad_gateway", "sk_drop")
