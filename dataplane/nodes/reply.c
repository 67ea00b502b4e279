/*
 * In: a request that packet->status answers; its message is still as received.
 * Out: the answer, by the very SA or to the very address it came from, to esp_seal, clear_out or to_peer_tls.
 * Drops: where no buffer is left; peers without a link back.
 */
#include "dataplane/rules/reply.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/packet_pool.h"

#include "dataplane/nodes/forbid.h"

/* Bytes that an answer has more than what it copies from the request. */
#define REPLY_EXTRA_BYTES 512

static enum reply_edge dropped(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return REPLY_TO_DROP;
}

static enum result reply_output(struct worker *worker, struct packet *packet)
{
	struct rte_mbuf *output;
	struct writer w = {0};
	size_t needed = packet->message->len + REPLY_EXTRA_BYTES;
	enum result result;

	if (needed > LIMIT_SIP_MESSAGE_BYTES)
		needed = LIMIT_SIP_MESSAGE_BYTES;
	result = packet_output_begin(worker, needed, &output, &w.at, &w.cap);
	if (result != RESULT_OK)
		return result;
	packet->rules->status = packet->status;
	result = reply_write(packet->rules, &w);
	if (result != RESULT_OK) {
		packet_output_cancel(output);
		return result;
	}
	packet_output_end(packet, output, w.len);
	return RESULT_OK;
}

enum reply_edge reply_step(struct worker *worker, struct packet *packet)
{
	if (reply_output(worker, packet) != RESULT_OK)
		return dropped(packet, DROP_sip_no_room);
	switch (rules_output_back(worker, packet, &packet->rules->ingress)) {
	case RULES_OUTPUT_SA:
		return REPLY_TO_ESP_SEAL;
	case RULES_OUTPUT_CLEAR:
		return REPLY_TO_CLEAR_OUT;
	case RULES_OUTPUT_TLS:
		return REPLY_TO_PEER_TLS;
	default:
		return dropped(packet, DROP_sip_peer_down);
	}
}

NODE_BURST(reply)
NODE_REGISTER(reply, "sk_esp_seal", "sk_clear_out", "sk_to_peer_tls", "sk_drop")
