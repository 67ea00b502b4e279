/* The terminals of a load test, into the registrar and the data plane. */
#include <stdio.h>
#include <string.h>

#include "controlplane/gateway_state.h"
#include "shared/statics/static_terminals.h"

/* As good as for ever; a REGISTER of the terminal's sets another time. */
#define EXPIRES_S (10ull * 365 * 86400)

static void binding_fill(const struct static_terminals *statics, uint32_t number, uint64_t now_s,
			 struct contract_binding *binding)
{
	*binding = (struct contract_binding){
		.index = number,
		.generation = STATIC_GENERATION,
		.name = number,
		.identity_count = 1,
		.expires_s = now_s + EXPIRES_S,
		.address = static_terminal_address(statics, number),
	};
	static_terminal_aor(statics, number, binding->identity[0]);
	static_terminal_aor(statics, number, binding->subscriber);
	static_terminal_contact(statics, number, binding->contact);
}

/* In the clear it is an SA in name alone: of no direction, worth nothing, without keys. */
static void sa_fill(const struct gateway *gateway, uint32_t number, uint8_t port,
		    struct contract_sa *sa, struct contract_binding *binding)
{
	const struct static_terminals *statics = &gateway->config->statics;

	*sa = (struct contract_sa){
		.index = number,
		.generation = STATIC_GENERATION,
		.directions = statics->is_secure ? CONTRACT_SA_IN | CONTRACT_SA_OUT : 0,
		.owner_kind = CONTRACT_OWNER_TERMINAL,
		.suite = (uint8_t)statics->suite,
		.mode = CONTRACT_TRANSPORT,
		.level = statics->is_secure ? suite_find(statics->suite)->level : 0,
		.worker = (uint8_t)(number % gateway->welcome.workers),
		.port = port,
		.spi_out = static_spi_terminal(number),
		.owner_index = number,
		.owner_generation = STATIC_GENERATION,
		.is_replay_checked = statics->is_replay_checked,
	};
	sa->inner_local = sa->outer_local = statics->gateway;
	sa->inner_remote = sa->outer_remote = binding->address;
	sa->outer_local.port = sa->outer_remote.port = 0;
	memcpy(sa->subscriber, binding->subscriber, sizeof(sa->subscriber));
	binding->level = sa->level;
	binding->sa_index = number;
	binding->sa_generation = STATIC_GENERATION;
	binding->port = port;
}

static enum result keys_fill(const struct static_terminals *statics, uint32_t number,
			     struct contract_sa *sa)
{
	enum result result = static_terminal_key(statics, number, true, sa->key_in);

	return result == RESULT_OK ? static_terminal_key(statics, number, false, sa->key_out)
				   : result;
}

static enum result terminal_put(struct gateway *gateway, uint32_t number, uint8_t port,
				uint64_t now_s)
{
	const struct static_terminals *statics = &gateway->config->statics;
	struct contract_binding binding;
	struct contract_sa sa;
	enum result result;

	binding_fill(statics, number, now_s, &binding);
	sa_fill(gateway, number, port, &sa, &binding);
	result = statics->is_secure ? keys_fill(statics, number, &sa) : RESULT_OK;
	if (result == RESULT_OK)
		result = sa_allocator_adopt(gateway->parts.allocator, number, STATIC_GENERATION);
	if (result == RESULT_OK)
		result = registrar_add_static(gateway->parts.registrar, &sa, &binding, now_s);
	secret_wipe_bytes(&sa, sizeof(sa));
	return result;
}

/* Which of the ports has the address that the file calls the gateway's. */
static bool port_find(const struct gateway *gateway, uint8_t *port)
{
	const struct contract_address *wanted = &gateway->config->statics.gateway;
	const struct contract_welcome *welcome = &gateway->welcome;

	for (uint8_t i = 0; i < welcome->port_count; i++) {
		const struct contract_address *own = &welcome->port[i].address[wanted->family == 6];

		if (own->family == wanted->family &&
		    memcmp(own->bytes, wanted->bytes, sizeof(own->bytes)) == 0) {
			*port = i;
			return true;
		}
	}
	return false;
}

void gateway_statics_put(struct gateway *gateway)
{
	const struct static_terminals *statics = &gateway->config->statics;
	uint64_t now_s = gateway_now_s();
	uint32_t put = 0, there = 0;
	uint8_t port;

	if (!gateway->config->has_statics)
		return;
	log_say("UNSAFE STATIC KEYS: %u terminals %s; never do so in service", statics->count,
		statics->is_secure ? "have their keys in a file" : "are registered in the clear");
	if (!port_find(gateway, &port)) {
		log_say("no static terminals: the gateway's address in their file is on no port");
		return;
	}
	for (uint32_t number = 1; number <= statics->count; number++) {
		enum result result = terminal_put(gateway, number, port, now_s);

		put += result == RESULT_OK;
		there += result == RESULT_EXISTS;
	}
	log_say("static terminals: %u put, %u were there, of %u", put, there, statics->count);
}
