#include "controlplane/gateway_state.h"

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
	default:
		return NULL;
	}
}

static void event_say(struct gateway *gateway, const struct contract_event *event)
{
	const char *words = event_words(event->kind);

	if (words == NULL || !log_limit_admit(&gateway->event_limit, gateway_now_ms(), "events"))
		return;
	log_say("%s: %s by %s%s%s to %s on SA %u, answered %u", words,
		event->method[0] != '\0' ? event->method : "a message",
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
