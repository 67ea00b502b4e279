/*
 * In: a SIP message, decrypted or clear, and where it came from.
 * Out: requests to from_check or, for the gateway itself, to_control; responses; refusals to reply.
 * Drops: what cannot be answered, ACKs to answers of ours, messages of an SA whose owner is gone.
 */
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/nodes/rules_output.h"
#include "dataplane/rules/emergency.h"
#include "dataplane/rules/ingress.h"
#include "dataplane/rules/receive.h"
#include "dataplane/rules/request_rate.h"
#include "dataplane/tables/sa_table.h"

#include "dataplane/nodes/forbid.h"

static enum result sa_ingress(const struct worker *worker, struct packet *packet)
{
	const struct sa_in *sa = &worker->tables->sas->in[SA_INDEX(packet->sa_handle)];
	uint64_t owner = atomic_load_explicit(&sa->owner, memory_order_acquire);
	struct ingress_sa from = {
		.handle = packet->sa_handle,
		.owner_kind = sa->owner_kind,
		.level = sa->level,
		.port = (uint8_t)sa->port,
		.owner_index = (uint32_t)owner,
		.owner_generation = (uint32_t)(owner >> 32),
		.local = settings_address(&packet->destination),
		.remote = settings_address(&packet->source),
	};

	return ingress_of_sa(packet->rules, &from);
}

static enum result ingress_set(const struct worker *worker, struct packet *packet)
{
	struct sip_address local, remote;

	if (packet->origin == CONTRACT_ORIGIN_SA)
		return sa_ingress(worker, packet);
	if (packet->origin != CONTRACT_ORIGIN_PEER) {
		ingress_of_clear(packet->rules, (uint8_t)packet->port, &packet->destination,
				 &packet->source,
				 packet->is_proved ? SIP_LEVEL_AUTHENTICATED : SIP_LEVEL_CLEAR);
		return RESULT_OK;
	}
	local = settings_address(&packet->destination);
	remote = settings_address(&packet->source);
	return ingress_of_peer(packet->rules, packet->peer_index, &local, &remote);
}

/* Has a terminal sent more than it may? Peers and the clear have limits of their own. */
static bool is_too_fast(const struct worker *worker, const struct packet *packet)
{
	const struct packet_rules *rules = packet->rules;
	struct sa_in *sa;

	if (packet->origin != CONTRACT_ORIGIN_SA || rules->ingress.kind != LEG_TERMINAL ||
	    !request_rate_is_counted(rules->message) ||
	    emergency_is(rules->settings, &rules->message->uri))
		return false;
	sa = &worker->tables->sas->in[SA_INDEX(packet->sa_handle)];
	return !request_rate_take((struct request_rate){&sa->rate_tokens, &sa->rate_since_ms},
				  rules->settings->requests_per_second_per_sa, worker->now_ms);
}

/* The senders of all of them are read before one is waited for, what is the same for all once. */
void sip_parse_look(struct worker *worker, void **packets, uint16_t count)
{
	struct packet_rules *first = ((struct packet *)packets[0])->rules;

	rules_begin(first, worker->tables, worker->events, worker->now_ms);
	first->has_controlplane = rules_output_has_controlplane(worker);
	for (uint16_t i = 0; i < count; i++) {
		struct packet *packet = packets[i];

		if (i > 0)
			rules_begin_beside(packet->rules, first);
		if (ingress_set(worker, packet) != RESULT_OK)
			packet->rules->drop_reason = DROP_sip_owner_gone;
	}
}

enum sip_parse_edge sip_parse_step(struct worker *worker, struct packet *packet)
{
	struct packet_rules *rules = packet->rules;
	enum rules_way way;

	if (rules->drop_reason != DROP_NONE) {
		rules_output_note(packet);
		return SIP_PARSE_TO_DROP;
	}
	way = rules_receive(rules, packet->sip, worker->skeletons, packet->message);
	packet->is_parsed = true;
	if ((way == RULES_NEXT || way == RULES_TO_CONTROL) && is_too_fast(worker, packet))
		way = rules_reply(rules, 503);
	rules_output_note(packet);
	switch (way) {
	case RULES_NEXT:
		return SIP_PARSE_TO_FROM_CHECK;
	case RULES_RESPONSE:
		return SIP_PARSE_TO_RESPONSE;
	case RULES_REPLY:
		return SIP_PARSE_TO_REPLY;
	case RULES_TO_CONTROL:
		return rules_output_is_unserved(worker, packet) ? SIP_PARSE_TO_REPLY
								: SIP_PARSE_TO_CONTROL;
	default:
		return SIP_PARSE_TO_DROP;
	}
}

NODE_BURST_LOOK(sip_parse)
NODE_REGISTER(sip_parse, "sk_from_check", "sk_response", "sk_reply", "sk_to_control", "sk_drop")
