/* What terminals come in by: key exchange, registrar and who answers their REGISTERs. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "controlplane/gateway_state.h"

#define COOKIE_LIFETIME_MS 30000
#define USED_COOKIES	   327680 /* SAs opened within a cookie's lifetime: 10,000 a second */
#define LINGER_S	   10	  /* a replaced SA, for what is still on its way */

static void exchanged(void *ctx, enum exchange_verdict verdict, const char *who,
		      const struct contract_address *from, const char *reason)
{
	char from_text[REFUSAL_FROM_BYTES];
	struct gateway *gateway = ctx;

	if (verdict == EXCHANGE_CHALLENGED || verdict == EXCHANGE_CERTIFICATE_SHOWN ||
	    verdict == EXCHANGE_REPEATED || verdict == EXCHANGE_AWAITED ||
	    verdict == EXCHANGE_COOKIE_ASKED)
		return;
	refusal_from_address(from, from_text);
	if (verdict != EXCHANGE_ESTABLISHED)
		refusals_note(gateway->refusals, REFUSAL_EXCHANGE, reason, from_text,
			      gateway_now_ms(), "key exchange%s%s: %s, %s",
			      who[0] != '\0' ? " of " : "", who, exchange_verdict_text(verdict),
			      reason);
	else if (log_limit_admit(&gateway->exchange_limit, gateway_now_ms(),
				 "sentences about key exchanges"))
		log_say("key exchange of %s: %s, from %s", who, exchange_verdict_text(verdict),
			from_text);
}

/* What was to the gateway itself, and of no use to it. */
static void request_refused(void *ctx, const struct contract_sip_received *received,
			    unsigned status, const char *reason)
{
	char from[REFUSAL_FROM_BYTES], answered[32] = "not answered";
	struct gateway *gateway = ctx;

	if (status != 0)
		snprintf(answered, sizeof(answered), "answered %u", status);
	refusal_from_address(&received->outer_source, from);
	refusals_note(gateway->refusals, REFUSAL_REQUEST, reason, from, gateway_now_ms(),
		      "a message to the gateway itself%s was %s: %s",
		      received->origin == CONTRACT_ORIGIN_SA ? " through an SA" : "", answered,
		      reason);
}

static size_t domains_set(const struct gateway *gateway, struct slice domains[EXCHANGE_DOMAINS_MAX])
{
	const struct control_config *config = gateway->config;

	for (unsigned i = 0; i < config->domain_count; i++)
		domains[i] = slice_make(config->domain[i], strlen(config->domain[i]));
	return config->domain_count;
}

struct exchange_settings gateway_exchange_settings(struct gateway *gateway)
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

enum result gateway_exchange_start(struct gateway *gateway)
{
	struct exchange_settings settings = gateway_exchange_settings(gateway);
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
	char from[REFUSAL_FROM_BYTES];
	struct gateway *gateway = ctx;

	refusal_from_address(&sa->outer_remote, from);
	refusals_note(gateway->refusals, REFUSAL_REGISTER, reason, from, gateway_now_ms(),
		      "a REGISTER of %s on SA %u was answered %u: %s", sa->subscriber, sa->index,
		      status, reason);
}

struct registrar_settings gateway_registrar_settings(struct gateway *gateway)
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
			.sa_released = gateway_sa_released,
			.context = gateway},
	};

	settings.domain_count = domains_set(gateway, settings.domains);
	return settings;
}

enum result gateway_registrar_start(struct gateway *gateway)
{
	const struct random_source random = random_system();
	struct registrar_settings settings = gateway_registrar_settings(gateway);
	enum result result =
		random_fill(&random, &settings.generation_seed, sizeof(settings.generation_seed));

	if (result == RESULT_OK)
		result = registrar_create(&settings, &gateway->parts.registrar);
	return result;
}

static void unproved(void *ctx, const char *reason, const struct contract_address *source)
{
	char from[REFUSAL_FROM_BYTES];
	struct gateway *gateway = ctx;

	refusal_from_address(source, from);
	refusals_note(gateway->refusals, REFUSAL_REQUEST, reason, from, gateway_now_ms(), "%s",
		      reason);
}

enum result gateway_uas_start(struct gateway *gateway)
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
		.refused = request_refused,
		.context = gateway,
	};
	enum result result;

	memcpy(settings.persistent, secrets_persistent(gateway->secrets), 32);
	result = uas_create(&settings, &gateway->parts.uas);
	OPENSSL_cleanse(settings.persistent, sizeof(settings.persistent));
	return result;
}
