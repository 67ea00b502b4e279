#include "controlplane/gateway_state.h"
#include "shared/sip/fault.h"

/* What an event says to the operator; NULL: nothing. */
static const char *event_words(uint16_t kind)
{
	switch (kind) {
	case CONTRACT_EVENT_SENDER_MISMATCH:
		return "a request whose From is not its sender's was refused";
	case CONTRACT_EVENT_ROUTE_SECURITY:
		return "the previous hop's Route-Security entry was missing or wrong";
	case CONTRACT_EVENT_REFUSED:
		return "a request was refused";
	case CONTRACT_EVENT_RESPONSE_SERIES:
		return "a response came back with another Route-Security series";
	case CONTRACT_EVENT_UNREGISTERED:
		return "a request came by an SA on which nobody has registered yet";
	default:
		return NULL;
	}
}

static const char *method_of(const struct contract_event *event)
{
	return event->method[0] != '\0' ? event->method : "a message";
}

static void malformed_say(struct gateway *gateway, const struct contract_event *event,
			  const char *from)
{
	const char *fault = sip_fault_text((enum sip_fault)event->fault).at; /* a literal */

	refusals_note(gateway->refusals, REFUSAL_REQUEST, fault, from, gateway_now_ms(),
		      "a malformed request was %s: %s on SA %u, %s",
		      event->status != 0 ? "refused" : "dropped", method_of(event),
		      event->sa_index, fault);
}

static void event_say(struct gateway *gateway, const struct contract_event *event)
{
	const char *words = event_words(event->kind);
	char from[REFUSAL_FROM_BYTES];

	refusal_from_address(&event->came_by.address, from); /* of a peer none is told */
	if (event->kind == CONTRACT_EVENT_MALFORMED)
		malformed_say(gateway, event, from);
	else if (words != NULL)
		refusals_note(gateway->refusals, REFUSAL_REQUEST, words, from, gateway_now_ms(),
			      "%s: %s by %s%s%s to %s on SA %u, answered %u", words,
			      method_of(event),
			      event->caller[0] != '\0' ? event->caller : "nobody known",
			      event->claimed[0] != '\0' ? " calling himself " : "", event->claimed,
			      event->callee[0] != '\0' ? event->callee : "nobody", event->sa_index,
			      event->status);
}

/* What an SA has come to, to whom it may concern. */
static void sa_event_take(struct gateway *gateway, const struct contract_event *event)
{
	struct registrar *registrar = gateway->parts.registrar;
	uint32_t index = event->sa_index;
	uint8_t generation = event->sa_generation;

	switch (event->kind) {
	case CONTRACT_EVENT_SA_FIRST_PACKET:
		registrar_sa_used(registrar, index, generation, gateway_now_s());
		break;
	case CONTRACT_EVENT_SA_MOVED:
		registrar_sa_moved(registrar, index, generation, &event->outer);
		break;
	case CONTRACT_EVENT_SA_HALF_SPENT:
		peers_sa_half_spent(gateway->parts.peers, index, generation);
		break;
	case CONTRACT_EVENT_SA_HARD_LIMIT:
		registrar_sa_gone(registrar, index, generation, gateway_now_s());
		peers_sa_gone(gateway->parts.peers, index, generation);
		break;
	default:
		break;
	}
}

void gateway_take_event(struct gateway *gateway, const struct contract_event *event)
{
	if (gateway->parts.peers != NULL) /* the last of the parts to be made */
		sa_event_take(gateway, event);
	if (gateway->cdr != NULL)
		cdr_take(gateway->cdr, event);
	event_say(gateway, event);
}
