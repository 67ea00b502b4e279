#include "dataplane/rules/receive.h"

#include "dataplane/rules/to_tag.h"
#include "dataplane/worker.h"

/* A request refused in parsing lacks what follows its fault: what an answer needs is looked up. */
static void refused_complete(struct sip_message *message)
{
	struct slice cseq = sip_message_value(message, SIP_HEADER_CSEQ);

	message->call_id = sip_message_value(message, SIP_HEADER_CALL_ID);
	if (sip_cseq_parse(cseq, &message->cseq) != RESULT_OK)
		message->cseq = (struct sip_cseq){.method = SIP_METHOD_OTHER};
	if (!message->has_from)
		message->from.tag = slice_make(message->base, 0);
	if (!message->has_to)
		message->to.tag = slice_make(message->base, 0);
}

static bool is_unregistered(const struct packet_rules *rules)
{
	return rules->ingress.kind == LEG_TERMINAL && !rules->ingress.binding;
}

static enum rules_way request_receive(struct packet_rules *rules)
{
	struct sip_message *message = rules->message;
	enum sip_fault fault;

	if (message->method == SIP_METHOD_REGISTER)
		return RULES_TO_CONTROL;
	if (!rules->is_keyed)
		return rules_drop(rules, DROP_sip_no_keys);
	if (message->method == SIP_METHOD_ACK &&
	    to_tag_is_ours(rules->keys->to_tag, &rules->ingress.leg, message))
		return rules_drop(rules, DROP_sip_ack_absorbed);
	if (is_unregistered(rules)) {
		rules_tell_refusal(rules, CONTRACT_EVENT_UNREGISTERED, 403, slice_make("", 0));
		return rules_refuse(rules, 403, DROP_sip_unregistered);
	}
	fault = sip_message_proxy_fault(message);
	if (fault != SIP_FAULT_NONE) {
		rules_tell_malformed(rules, fault, (uint16_t)sip_fault_status(fault));
		return rules_refuse(rules, (uint16_t)sip_fault_status(fault), DROP_sip_ack_refused);
	}
	return RULES_NEXT;
}

/*
 * The answer to an OPTIONS by which the control plane asks whether a peer is there: sent by nobody
 * before us, hence no Via but ours, and no sk= in it, without which nothing else comes back.
 */
static bool is_probe_answer(const struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	return rules->ingress.kind == LEG_PEER && !rules->ingress.peer->is_tls &&
	       message->cseq.method == SIP_METHOD_OPTIONS && message->via_count == 1 &&
	       message->via.sk.len == 0 && rules->has_controlplane &&
	       settings_is_own_address(rules->tables->settings, &message->via.address);
}

/* Who most likely stands in the top Via: who sent it, or, in a response, we. */
static void expected_set(const struct packet_rules *rules, struct slice bytes,
			 struct sip_known_host *expected)
{
	const struct link *link = &rules->ingress;
	const struct own_address *own;

	expected->text.len = 0;
	if (sip_message_is_response(bytes)) {
		own = settings_own_address(rules->tables->settings, link->port,
					   link->remote.family);
		if (own)
			*expected = (struct sip_known_host){slice_make(own->text, own->host_length),
							    &own->address};
	} else if (rules->likely) {
		*expected = (struct sip_known_host){binding_host(rules->likely),
						    &rules->likely->address};
	}
}

/* What could not be parsed: a request is answered if it can be. */
static enum rules_way unusable(struct packet_rules *rules, enum sip_verdict verdict)
{
	struct sip_message *message = rules->message;
	uint16_t status = (uint16_t)sip_fault_status(message->fault);

	if (!message->is_request)
		return rules_drop(rules, DROP_sip_unusable);
	refused_complete(message);
	if (verdict == SIP_VERDICT_DROP) {
		rules_tell_malformed(rules, message->fault, 0);
		return rules_drop(rules, DROP_sip_unusable);
	}
	if (!rules->keys->has_persistent)
		return rules_drop(rules, DROP_sip_no_keys);
	rules_tell_malformed(rules, message->fault, status);
	return rules_reply(rules, status);
}

enum rules_way rules_receive(struct packet_rules *rules, struct slice bytes,
			     struct sip_skeletons *skeletons, struct sip_message *message)
{
	struct sip_expected expected = {.skeletons = skeletons};
	enum sip_verdict verdict;

	expected_set(rules, bytes, &expected.host);
	verdict = sip_message_parse_expecting(bytes.at, bytes.len, &expected, message);

	rules->message = message;
	if (message->fault == SIP_FAULT_EMPTY)
		return rules_drop(rules, DROP_sip_keepalive);
	if (verdict != SIP_VERDICT_OK)
		return unusable(rules, verdict);
	if (message->is_request)
		return request_receive(rules);
	if (!rules->is_keyed)
		return rules_drop(rules, DROP_sip_no_keys);
	if (is_unregistered(rules))
		return rules_drop(rules, DROP_sip_unregistered);
	return is_probe_answer(rules) ? RULES_TO_CONTROL : RULES_RESPONSE;
}
