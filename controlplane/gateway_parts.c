#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/gateway_state.h"

#define COOKIE_LIFETIME_MS 30000
#define USED_COOKIES	   327680 /* SAs opened within a cookie's lifetime: 10,000 a second */
#define LINGER_S	   10	  /* a replaced SA, for what is still on its way */

static void sa_released(void *ctx, uint32_t index, uint8_t generation)
{
	struct gateway *gateway = ctx;

	if (sa_allocator_release(gateway->parts.allocator, index, generation, gateway_now_s()) !=
	    RESULT_OK)
		log_say("SA %u was released and not in use", index);
}

static void peers_sa_put(void *ctx, const struct contract_sa *sa, peers_done *done, void *arg)
{
	gateway_send_sa(ctx, sa, done, arg);
}

static void peers_sa_delete(void *ctx, uint32_t index, uint8_t generation)
{
	gateway_sa_delete(ctx, index, generation);
}

static void peers_put(void *ctx, const struct contract_peer *peer)
{
	gateway_send(ctx, &peer->header);
}

static void peers_delete(void *ctx, uint32_t index)
{
	struct contract_peer peer = {.index = index};

	contract_header_set(&peer.header, CONTRACT_PEER_DELETE, sizeof(peer), 0);
	gateway_send(ctx, &peer.header);
}

static void peers_sip_send(void *ctx, uint32_t index, uint8_t generation, uint8_t port,
			   struct slice message)
{
	struct {
		struct contract_sip_send head;
		char sip[LIMIT_SIP_MESSAGE_BYTES];
	} send;

	send.head = (struct contract_sip_send){
		.origin = CONTRACT_ORIGIN_SA,
		.port = port,
		.sa_index = index,
		.sa_generation = generation,
		.sip_length = (uint32_t)message.len,
	};
	contract_header_set(&send.head.header, CONTRACT_SIP_SEND, sizeof(send.head) + message.len,
			    0);
	memcpy(send.sip, message.at, message.len);
	gateway_send(ctx, &send.head.header);
}

/* What a peer said over TLS goes the way that everything goes. */
static void peers_sip_enter(void *ctx, uint32_t peer_index, const struct contract_address *source,
			    const struct contract_address *destination, struct slice message)
{
	struct {
		struct contract_sip_enter head;
		char sip[LIMIT_SIP_MESSAGE_BYTES];
	} enter;

	enter.head = (struct contract_sip_enter){
		.origin = CONTRACT_ORIGIN_PEER,
		.peer_index = peer_index,
		.source = *source,
		.destination = *destination,
		.sip_length = (uint32_t)message.len,
	};
	contract_header_set(&enter.head.header, CONTRACT_SIP_ENTER,
			    sizeof(enter.head) + message.len, 0);
	memcpy(enter.sip, message.at, message.len);
	gateway_send(ctx, &enter.head.header);
}

static enum result peers_sa_take(void *ctx, uint32_t *index, uint8_t *generation)
{
	struct gateway *gateway = ctx;
	struct sa_slot slot;
	enum result result = sa_allocator_take(gateway->parts.allocator, gateway_now_s(), &slot);

	if (result == RESULT_OK) {
		*index = slot.index;
		*generation = slot.generation;
	}
	return result;
}

static void peers_log(void *ctx, const char *sentence)
{
	(void)ctx;
	log_say("%s", sentence);
}

static void exchanged(void *ctx, const struct exchange_outcome *outcome,
		      const struct contract_address *source)
{
	const enum exchange_verdict verdict = outcome->verdict;
	struct gateway *gateway = ctx;

	(void)source;
	if (verdict == EXCHANGE_CHALLENGED || verdict == EXCHANGE_CERTIFICATE_SHOWN ||
	    verdict == EXCHANGE_REPEATED || verdict == EXCHANGE_AWAITED ||
	    verdict == EXCHANGE_COOKIE_ASKED)
		return;
	if (log_limit_admit(&gateway->exchange_limit, gateway_now_ms(),
			    "sentences about key exchanges"))
		log_say("key exchange%s%s: %s%s%s", outcome->who[0] != '\0' ? " of " : "", outcome->who,
		exchange_verdict_text(verdict), outcome->reason[0] != '\0' ? ", " : "",
		outcome->reason);
}

static size_t domains_set(const struct gateway *gateway, struct slice domains[EXCHANGE_DOMAINS_MAX])
{
	const struct control_config *config = gateway->config;

	for (unsigned i = 0; i < config->domain_count; i++)
		domains[i] = slice_make(config->domain[i], strlen(config->domain[i]));
	return config->domain_count;
}

static struct exchange_settings exchange_settings_make(struct gateway *gateway)
{
	const struct control_lifetimes *lifetimes = &gateway->config->lifetimes;
	struct exchange_settings settings = {
		.suites = gateway->config->suites,
		.soft_s = lifetimes->soft_s,
		.hard_s = lifetimes->hard_s,
		.soft_packets = lifetimes->soft_packets,
		.soft_bytes = lifetimes->soft_bytes,
		.cookie_lifetime_ms = COOKIE_LIFETIME_MS,
		.used_cookies = USED_COOKIES,
		.flood_threshold = gateway->config->flood_threshold,
		.iterations = gateway->config->password_iterations,
		.store = {gateway_lookup_credential, gateway},
		.certificates = gateway_certificates_view(gateway->certificates),
		.certificates_per_second = gateway->config->certificates.per_second,
		.random = random_system(),
		.allocator = gateway->parts.allocator,
		.inner_pool = gateway->parts.inner_pool,
	};

	settings.domain_count = domains_set(gateway, settings.domains);
	return settings;
}

static enum result exchange_start(struct gateway *gateway)
{
	struct exchange_settings settings = exchange_settings_make(gateway);
	enum result result;

	memcpy(settings.persistent, secrets_persistent(gateway->secrets), 32);
	result = exchange_create(&settings, &gateway->parts.exchange);
	OPENSSL_cleanse(settings.persistent, sizeof(settings.persistent));
	return result;
}

/* The terminal is told a status, the operator why. */
static void register_refused(void *ctx, const struct contract_sa *sa, unsigned status,
			     const char *reason)
{
	struct gateway *gateway = ctx;

	if (log_limit_admit(&gateway->register_limit, gateway_now_ms(),
			    "sentences about REGISTERs"))
		log_say("a REGISTER of %s on SA %u was answered %u: %s", sa->subscriber, sa->index,
			status, reason);
}

static struct registrar_settings registrar_settings_make(struct gateway *gateway)
{
	const struct control_lifetimes *lifetimes = &gateway->config->lifetimes;
	struct registrar_settings settings = {
		.sa_capacity = gateway->welcome.sa_capacity,
		.binding_capacity = gateway->welcome.binding_capacity,
		.expires_min_s = lifetimes->registration_min_s,
		.expires_default_s = lifetimes->registration_default_s,
		.expires_max_s = lifetimes->registration_max_s,
		.attach_s = lifetimes->attach_s,
		.linger_s = LINGER_S,
		/* A terminal rekeys at the soft limit; twice as much ends it. */
		.hard_packets = 2 * lifetimes->soft_packets,
		.hard_bytes = 2 * lifetimes->soft_bytes,
		.store = {gateway_lookup_credential, gateway},
		.inner_pool = gateway->parts.inner_pool,
		.out = {.send = gateway_send,
			.identity = gateway_lookup_identity,
			.is_legacy = gateway_lookup_legacy,
			.refused = register_refused,
			.ended = gateway_sa_ended,
			.sa_released = sa_released,
			.context = gateway},
	};

	settings.domain_count = domains_set(gateway, settings.domains);
	return settings;
}

static enum result registrar_start(struct gateway *gateway)
{
	const struct random_source random = random_system();
	struct registrar_settings settings = registrar_settings_make(gateway);
	enum result result =
		random_fill(&random, &settings.generation_seed, sizeof(settings.generation_seed));

	if (result == RESULT_OK)
		result = registrar_create(&settings, &gateway->parts.registrar);
	return result;
}

static void unproved(void *ctx, enum digest_verdict verdict, const struct contract_address *source)
{
	struct gateway *gateway = ctx;

	(void)source;
	if (verdict == DIGEST_WRONG_SENDER &&
	    log_limit_admit(&gateway->event_limit, gateway_now_ms(), "events"))
		log_say("a request in the clear was proved by digest under a name that is another's");
}

static enum result uas_start(struct gateway *gateway)
{
	struct uas_settings settings = {
		.exchange = gateway->parts.exchange,
		.registrar = gateway->parts.registrar,
		.digest = gateway->parts.digest,
		.realm = slice_make(gateway->config->domain[0], strlen(gateway->config->domain[0])),
		.unproved = unproved,
		.send = gateway_send,
		.stream_send = gateway_stream_send,
		.exchanged = exchanged,
		.context = gateway,
	};
	enum result result;

	memcpy(settings.persistent, secrets_persistent(gateway->secrets), 32);
	result = uas_create(&settings, &gateway->parts.uas);
	OPENSSL_cleanse(settings.persistent, sizeof(settings.persistent));
	return result;
}

/* TLS is spoken from the data plane's first address of each family, unless configured otherwise. */
static void listen_default(const struct gateway *gateway, struct contract_address listen[2])
{
	const struct contract_welcome *welcome = &gateway->welcome;

	for (int family = 0; family < 2; family++) {
		for (uint32_t i = 0; i < welcome->port_count && listen[family].family == 0; i++)
			listen[family] = welcome->port_address[i][family];
		listen[family].port = 0;
	}
}

static struct peers_config peers_config_make(const struct gateway *gateway)
{
	const struct control_config *config = gateway->config;
	struct peers_config made = {
		.domain = config->domain[0],
		.gateway_id = config->gateway_id,
		.certificate_file = config->certificate_file,
		.key_file = config->key_file,
		.rekey_s = config->peer_rekey_s,
		.hard_s = config->peer_hard_s,
		.soft_packets = config->peer_soft_packets,
		.soft_bytes = config->peer_soft_bytes,
		.probe_ms = config->peer_probe_ms,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.peer = config->peer,
		.peer_count = config->peer_count,
	};

	memcpy(made.listen, config->tls_listen, sizeof(config->tls_listen));
	if (config->tls_listen[0].family == 0)
		listen_default(gateway, made.listen);
	return made;
}

static enum result peers_start(struct gateway *gateway)
{
	const struct peers_config config = peers_config_make(gateway);
	const struct peers_out out = {
		.ctx = gateway,
		.sa_put = peers_sa_put,
		.sa_delete = peers_sa_delete,
		.peer_put = peers_put,
		.peer_delete = peers_delete,
		.sip_send = peers_sip_send,
		.sip_enter = peers_sip_enter,
		.sa_take = peers_sa_take,
		.sa_release = sa_released,
		.log = peers_log,
	};

	return peers_create(gateway->base, &config, &out, &gateway->parts.peers);
}

enum result gateway_peers_plan(struct gateway *gateway, char *message, size_t size,
			       struct peers_plan **plan)
{
	const struct peers_config config = peers_config_make(gateway);

	return peers_plan_create(gateway->parts.peers, &config, message, size, plan);
}

static enum result allocator_begin(struct sa_allocator *allocator)
{
	const struct random_source random = random_system();
	uint32_t number;
	enum result result = random_fill(&random, &number, sizeof(number));

	if (result == RESULT_OK)
		sa_allocator_begin_at(allocator, number);
	return result;
}

enum result gateway_parts_create(struct gateway *gateway)
{
	const struct contract_welcome *welcome = &gateway->welcome;
	uint32_t longest_s = gateway->config->lifetimes.hard_s > gateway->config->peer_hard_s
				     ? gateway->config->lifetimes.hard_s
				     : gateway->config->peer_hard_s;
	enum result result = sa_allocator_create(welcome->sa_capacity, welcome->workers, longest_s,
						 &gateway->parts.allocator);

	if (result == RESULT_OK)
		result = allocator_begin(gateway->parts.allocator);
	if (result == RESULT_OK)
		result = inner_pool_create(gateway->config->inner, welcome->sa_capacity,
					   &gateway->parts.inner_pool);
	if (result == RESULT_OK)
		result = exchange_start(gateway);
	if (result == RESULT_OK)
		result = registrar_start(gateway);
	if (result == RESULT_OK)
		result = digest_create(random_system(), gateway_lookup_digest, gateway,
				       &gateway->parts.digest);
	if (result == RESULT_OK)
		result = uas_start(gateway);
	if (result == RESULT_OK)
		result = peers_start(gateway);
	if (result == RESULT_OK)
		gateway_door_open(gateway);
	else
		gateway_parts_destroy(gateway);
	return result;
}

enum result gateway_parts_adjust(struct gateway *gateway)
{
	const struct exchange_settings exchange = exchange_settings_make(gateway);
	const struct registrar_settings registrar = registrar_settings_make(gateway);
	enum result result = RESULT_OK;

	if (gateway->parts.registrar == NULL)
		return RESULT_OK;
	result = exchange_adjust(gateway->parts.exchange, &exchange);
	if (result == RESULT_OK)
		result = registrar_adjust(gateway->parts.registrar, &registrar);
	return result;
}

void gateway_parts_destroy(struct gateway *gateway)
{
	struct gateway_parts *parts = &gateway->parts;

	door_destroy(parts->door);
	peers_destroy(parts->peers);
	uas_destroy(parts->uas);
	digest_destroy(parts->digest);
	registrar_destroy(parts->registrar);
	exchange_destroy(parts->exchange);
	sa_allocator_destroy(parts->allocator);
	inner_pool_destroy(parts->inner_pool);
	*parts = (struct gateway_parts){0};
}
