#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/gateway_state.h"

/* A dump under way; freed by its last answer. */
struct restore {
	struct gateway *gateway;
	uint32_t number;
	uint32_t sas, bindings;
};

void gateway_settings_put(struct gateway *gateway)
{
	const struct control_config *config = gateway->config;
	struct contract_settings settings = {
		.gateway_id = config->gateway_id,
		.route_security = (uint8_t)config->route_security,
		.route_security_add_level = config->route_security_add_level,
		.insecure_access = (uint8_t)config->insecure_access,
		.is_identity_always_asserted = config->is_identity_always_asserted,
		.is_legacy_restored = config->is_legacy_restored,
		.dscp = config->dscp,
		.domain_count = config->domain_count,
		.max_dialog_s = config->max_dialog_s,
		.requests_per_second_per_sa = config->requests_per_second,
	};

	if (config->emergency_peer[0] != '\0' && gateway->parts.peers != NULL)
		settings.emergency_peer =
			(uint8_t)peers_index(gateway->parts.peers, config->emergency_peer);
	settings.emergency_count = config->emergency_count;
	memcpy(settings.emergency, config->emergency, sizeof(settings.emergency));
	memcpy(settings.domain, config->domain, sizeof(settings.domain));
	contract_header_set(&settings.header, CONTRACT_SETTINGS_PUT, sizeof(settings), 0);
	contract_client_send(gateway->contract, &settings.header, NULL, NULL);
}

static void sa_restore(void *arg, const struct contract_header *message)
{
	struct contract_sa_record record;
	struct contract_sa *sa = &record.sa;
	struct restore *restore = arg;
	struct gateway *gateway = restore->gateway;
	enum result result;

	if (restore->number != gateway->dump_number || message->id != CONTRACT_SA_RECORD)
		return;
	memcpy(&record, message, sizeof(record));
	if (sa_allocator_adopt(gateway->parts.allocator, sa->index, sa->generation) != RESULT_OK)
		return;
	/* What the registrar cannot keep it ends itself. */
	result = registrar_restore_sa(gateway->parts.registrar, &record, gateway_now_s());
	if (result == RESULT_DENIED)
		peers_adopt_sa(gateway->parts.peers, sa);
	if (result == RESULT_OK || result == RESULT_DENIED)
		restore->sas++;
	OPENSSL_cleanse(&record, sizeof(record));
}

static void binding_restore(void *arg, const struct contract_header *message)
{
	const struct contract_binding *binding = (const struct contract_binding *)message;
	struct restore *restore = arg;
	struct gateway *gateway = restore->gateway;

	if (restore->number != gateway->dump_number || message->id != CONTRACT_BINDING_RECORD)
		return;
	if (registrar_restore_binding(gateway->parts.registrar, binding) == RESULT_OK)
		restore->bindings++;
}

static void dump_ask(struct restore *restore, enum contract_dump_kind kind, contract_record *record,
		     contract_done *done)
{
	struct contract_dump dump = {.kind = kind};

	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 0);
	contract_client_ask(restore->gateway->contract, &dump.header, record, done, restore);
}

static void bindings_restored(void *arg, enum result result)
{
	struct restore *restore = arg;
	struct gateway *gateway = restore->gateway;

	if (result == RESULT_OK && restore->number == gateway->dump_number) {
		gateway->is_restoring = false;
		registrar_restored(gateway->parts.registrar);
		if (restore->sas > 0 || restore->bindings > 0)
			log_say("carried on with %u SAs and %u bindings of the data plane",
				restore->sas, restore->bindings);
		gateway_statics_put(gateway);
		gateway_review_begin(gateway);
		gateway_locations_settle(gateway);
		gateway_tell_begin(gateway);
		peers_welcome(gateway->parts.peers, &gateway->welcome);
	}
	free(restore);
}

static void sas_restored(void *arg, enum result result)
{
	struct restore *restore = arg;

	if (result == RESULT_OK && restore->number == restore->gateway->dump_number)
		dump_ask(restore, CONTRACT_DUMP_BINDINGS, binding_restore, bindings_restored);
	else
		free(restore);
}

/* We know nothing of the data plane's terminals: it tells us. */
static void restore_begin(struct gateway *gateway)
{
	struct restore *restore = calloc(1, sizeof(*restore));

	gateway->is_restoring = true;
	if (restore == NULL) {
		log_say("there is no memory to ask the data plane what it has");
		return;
	}
	restore->gateway = gateway;
	restore->number = gateway->dump_number;
	dump_ask(restore, CONTRACT_DUMP_SAS_WITH_KEYS, sa_restore, sas_restored);
}

/* We know everything, and the data plane is told all of it; what it has already stays as it is. */
static void refill(struct gateway *gateway, bool is_new_boot)
{
	log_say(is_new_boot ? "the data plane was started anew: it is told everything"
			    : "the data plane is back: it is told what may have changed");
	registrar_refill(gateway->parts.registrar, gateway_now_s());
	gateway_tell_begin(gateway);
	peers_welcome(gateway->parts.peers, &gateway->welcome);
	if (is_new_boot)
		peers_refill(gateway->parts.peers);
}

/* What else is told of a port is only for who looks at it. */
static bool is_same_shape(const struct contract_welcome *a, const struct contract_welcome *b)
{
	bool is_same = a->workers == b->workers && a->sa_capacity == b->sa_capacity &&
		       a->binding_capacity == b->binding_capacity && a->port_count == b->port_count;

	for (uint32_t i = 0; is_same && i < a->port_count; i++)
		is_same = memcmp(a->port[i].address, b->port[i].address,
				 sizeof(a->port[i].address)) == 0;
	return is_same;
}

void gateway_on_welcome(void *ctx, const struct contract_welcome *welcome)
{
	struct gateway *gateway = ctx;
	struct contract_welcome old = gateway->welcome;
	bool is_known = gateway->parts.registrar != NULL && !gateway->is_restoring &&
			is_same_shape(&old, welcome);

	gateway->welcome = *welcome;
	gateway->dump_number++;
	if (!is_known) {
		gateway_parts_destroy(gateway);
		if (gateway_parts_create(gateway) != RESULT_OK) {
			log_say("key exchange, registrar or peers cannot be started");
			return;
		}
		log_say("connected to the data plane: %u workers, room for %u SAs and %u bindings",
			welcome->workers, welcome->sa_capacity, welcome->binding_capacity);
	}
	gateway_settings_put(gateway);
	secrets_refill(gateway->secrets);
	if (is_known)
		refill(gateway, memcmp(old.boot_id, welcome->boot_id, sizeof(old.boot_id)) != 0);
	else
		restore_begin(gateway);
}

static void sip_leave(struct gateway *gateway, const struct contract_sip_leaves *message)
{
	if (gateway->parts.peers != NULL)
		peers_sip_leave(gateway->parts.peers, message->peer_index,
				slice_make(message + 1, message->sip_length));
}

/* An answer to a question of ours; requests are the UAS's. */
static bool is_peers_answer(struct gateway *gateway, const struct contract_sip_received *received)
{
	static const char response[] = "SIP/2.0 ";

	return gateway->parts.peers != NULL && received->sip_length >= sizeof(response) - 1 &&
	       memcmp(received + 1, response, sizeof(response) - 1) == 0 &&
	       peers_sip_received(gateway->parts.peers, received);
}

void gateway_on_received(void *ctx, const struct contract_header *message)
{
	struct gateway *gateway = ctx;

	if (message->id == CONTRACT_EVENT)
		gateway_take_event(gateway, (const struct contract_event *)message);
	else if (message->id == CONTRACT_SIP_LEAVES)
		sip_leave(gateway, (const struct contract_sip_leaves *)message);
	else if (!is_peers_answer(gateway, (const struct contract_sip_received *)message) &&
		 gateway->parts.uas != NULL && !gateway->is_restoring)
		uas_receive(gateway->parts.uas, (const struct contract_sip_received *)message,
			    gateway_now_ms());
}

void gateway_on_refused(void *ctx, uint16_t id, enum result result)
{
	struct gateway *gateway = ctx;

	/* A message for an SA that has just ended, or a thing deleted twice: nobody's concern. */
	if (result == RESULT_NOT_FOUND &&
	    (id == CONTRACT_SIP_SEND || id == CONTRACT_SA_DELETE || id == CONTRACT_BINDING_DELETE ||
	     id == CONTRACT_IDENTITY_DELETE || id == CONTRACT_KEY_DELETE ||
	     id == CONTRACT_PEER_DELETE))
		return;
	refusals_note(gateway->refusals, REFUSAL_DATAPLANE, "it refused a message of the contract", "",
		      gateway_now_ms(),
		      "the data plane refused a message %u of the contract with result %d", id,
		      (int)result);
}

void gateway_on_lost(void *ctx, const char *reason)
{
	struct gateway *gateway = ctx;

	refusals_note(gateway->refusals, REFUSAL_DATAPLANE, reason, "", gateway_now_ms(),
		      "no data plane at %s: %s", gateway->config->contract_socket, reason);
}

void gateway_on_strange(void *ctx, const char *reason)
{
	struct gateway *gateway = ctx;

	refusals_note(gateway->refusals, REFUSAL_DATAPLANE, reason, "", gateway_now_ms(),
		      "the data plane said what makes no sense: %s", reason);
}
