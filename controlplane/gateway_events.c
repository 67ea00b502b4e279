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
	uint64_t left_out;

	if (words == NULL || !log_limit_pass(&gateway->event_limit, gateway_now_ms(), &left_out))
		return;
	if (left_out > 0)
		log_say("%llu events were left out", (unsigned long long)left_out);
	log_say("%s: %s by %s%s%s to %s on SA %u, answered %u", words,
		event->method[0] != '\0' ? event->method : "a message",
		event->caller[0] != '\0' ? event->caller : "nobody known",
		event->claimed[0] != '\0' ? " calling himself " : "", event->claimed,
		event->callee[0] != '\0' ? event->callee : "nobody", event->sa_index,
		event->status);
}

/* Events name an SA by its index; which one it is now is known from when it was put. */
static bool generation_find(const struct gateway *gateway, uint32_t index, uint8_t *generation)
{
	if (gateway->parts.sa_generation == NULL || index >= gateway->welcome.sa_capacity)
		return false;
	*generation = gateway->parts.sa_generation[index];
	return *generation != 0;
}

void gateway_take_event(struct gateway *gateway, const struct contract_event *event)
{
	struct registrar *registrar = gateway->parts.registrar;
	uint8_t generation;

	if (registrar != NULL && generation_find(gateway, event->sa_index, &generation)) {
		if (event->kind == CONTRACT_EVENT_SA_FIRST_PACKET)
			registrar_sa_used(registrar, event->sa_index, generation, gateway_now_s());
		else if (event->kind == CONTRACT_EVENT_SA_HARD_LIMIT)
			registrar_sa_gone(registrar, event->sa_index, generation, gateway_now_s());
	}
	event_say(gateway, event);
}
