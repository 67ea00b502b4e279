#include "controlplane/gateway.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/gateway_state.h"

#define SECRETS_EVERY_S 60
/* In a shared store siblings see a new key within seconds; till then nobody uses it. */
#define KEY_ACTIVATION_S 30

uint64_t gateway_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t gateway_now_s(void)
{
	return gateway_now_ms() / 1000;
}

static void second_passed(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *gateway = arg;
	uint64_t now_ms = gateway_now_ms();

	(void)fd, (void)what;
	if (gateway->parts.registrar != NULL && !gateway->is_restoring) {
		exchange_tick(gateway->parts.exchange, now_ms);
		registrar_tick(gateway->parts.registrar, now_ms / 1000);
		registrar_settle(gateway->parts.registrar, now_ms / 1000);
	}
	if (gateway_certificates_reload(gateway->certificates) && gateway->parts.exchange != NULL) {
		const struct exchange_certificates view =
			gateway_certificates_view(gateway->certificates);

		exchange_certificates_set(gateway->parts.exchange, &view);
		gateway_review_begin(gateway);
	}
	if (now_ms / 1000 < gateway->secrets_due_s)
		return;
	gateway->secrets_due_s = now_ms / 1000 + SECRETS_EVERY_S;
	if (gateway_keys_turn(gateway, false, NULL, NULL) == RESULT_MEMORY)
		log_say("there is no memory to look at the keys");
}

static void key_send(void *ctx, const struct contract_key *key)
{
	struct gateway *gateway = ctx;

	if (gateway->contract != NULL)
		contract_client_send(gateway->contract, &key->header, NULL, NULL);
}

static enum result secrets_start(struct gateway *gateway, char *message, size_t size)
{
	const struct control_config *config = gateway->config;
	const struct secrets_settings settings = {
		.store = gateway->store,
		.folder = config->secrets_folder,
		.persistent_file = config->persistent_secret_file,
		.sk_s = config->rotation.sk_s,
		.sk_overlap_s = config->rotation.sk_overlap_s,
		.token_s = config->rotation.token_s,
		.token_overlap_s = config->max_dialog_s,
		.activation_s = config->store_postgres[0] != '\0' ? KEY_ACTIVATION_S : 0,
		.send = key_send,
		.ctx = gateway,
	};

	return secrets_create(&settings, gateway_now_s(), &gateway->secrets, message, size);
}

static enum result key_log_open(struct gateway *gateway, char *message, size_t size)
{
	const char *path = gateway->config->key_log;

	if (path[0] == '\0')
		return RESULT_OK;
	gateway->key_log_fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (gateway->key_log_fd < 0) {
		snprintf(message, size, "the key log %s: %s", path, strerror(errno));
		return RESULT_IO;
	}
	log_say("key-log is set: the keys of every channel are written to %s; never do so in "
		"service",
		path);
	return RESULT_OK;
}

static enum result contract_start(struct gateway *gateway)
{
	const struct contract_client_events events = {
		.ctx = gateway,
		.welcome = gateway_on_welcome,
		.received = gateway_on_received,
		.refused = gateway_on_refused,
		.lost = gateway_on_lost,
		.strange = gateway_on_strange,
	};
	static const struct timeval second = {1, 0};

	gateway->second = event_new(gateway->base, -1, EV_PERSIST, second_passed, gateway);
	if (gateway->second == NULL || event_add(gateway->second, &second) != 0)
		return RESULT_MEMORY;
	return contract_client_create(gateway->base, gateway->config->contract_socket,
				      gateway->config->gateway_id, &events, &gateway->contract);
}

enum result gateway_create(struct event_base *base, struct control_config *config,
			   struct gateway **created, char *message, size_t size)
{
	struct gateway *gateway = calloc(1, sizeof(*gateway));
	enum result result;

	snprintf(message, size, "there is no memory");
	if (gateway == NULL)
		return RESULT_MEMORY;
	gateway->base = base;
	gateway->config = config;
	gateway->shared.domain_count = config->domain_count;
	memcpy(gateway->shared.domain, config->domain, sizeof(gateway->shared.domain));
	atomic_init(&gateway->shared.password_iterations, config->password_iterations);
	gateway->key_log_fd = -1;
	gateway->exchange_limit = log_limit_make(20, 500);
	gateway->sa_limit = log_limit_make(10, 1000);
	gateway->store_limit = log_limit_make(10, 10000);
	gateway->stranger_limit = log_limit_make(10, 1000);
	result = refusals_create(&gateway->refusals);
	if (result == RESULT_OK)
		result = gateway_policy_create(gateway, &gateway->policy);
	if (result == RESULT_OK)
		result = gateway_review_start(gateway);
	if (result == RESULT_OK)
		result = gateway_tell_start(gateway);
	if (result == RESULT_OK)
		result = gateway_store_open(gateway, message, size);
	if (result == RESULT_OK)
		result = gateway_certificates_create(config, &gateway->certificates, message, size);
	if (result == RESULT_OK)
		result = secrets_start(gateway, message, size);
	if (result == RESULT_OK)
		result = key_log_open(gateway, message, size);
	if (result == RESULT_OK)
		result = gateway_cdr_start(gateway, &gateway->cdr, message, size);
	if (result == RESULT_OK)
		result = configuration_create(base, config, gateway_reconfigure, gateway,
					      &gateway->configuration);
	if (result == RESULT_OK)
		result = gateway_locations_start(gateway);
	if (result == RESULT_OK)
		result = gateway_store_follow(gateway);
	if (result == RESULT_OK)
		result = contract_start(gateway);
	if (result != RESULT_OK) {
		gateway_destroy(gateway);
		return result;
	}
	*created = gateway;
	return RESULT_OK;
}

void gateway_destroy(struct gateway *gateway)
{
	if (gateway == NULL)
		return;
	if (gateway->second != NULL)
		event_free(gateway->second);
	gateway_review_stop(gateway);
	gateway_tell_stop(gateway);
	if (gateway->contract != NULL)
		contract_client_stop(gateway->contract);
	gateway_locations_stop(gateway);
	/* what waits for the store is told that it is over, by whoever still can be */
	gateway_store_end(gateway);
	gateway_parts_destroy(gateway);
	contract_client_destroy(gateway->contract);
	configuration_destroy(gateway->configuration);
	cdr_destroy(gateway->cdr);
	gateway_certificates_destroy(gateway->certificates);
	gateway_policy_destroy(gateway->policy);
	secrets_destroy(gateway->secrets);
	gateway_store_close(gateway);
	refusals_destroy(gateway->refusals);
	if (gateway->key_log_fd >= 0)
		close(gateway->key_log_fd);
	free(gateway);
}

const struct contract_welcome *gateway_welcome(const struct gateway *gateway)
{
	return contract_client_is_up(gateway->contract) ? &gateway->welcome : NULL;
}

const struct control_config *gateway_config(const struct gateway *gateway)
{
	return gateway->config;
}

bool gateway_has_domain(const struct gateway *gateway, struct slice domain)
{
	return control_domains_have(gateway->shared.domain, gateway->shared.domain_count, domain);
}

uint32_t gateway_password_iterations(const struct gateway *gateway)
{
	return atomic_load_explicit(&gateway->shared.password_iterations, memory_order_relaxed);
}

struct configuration *gateway_configuration(struct gateway *gateway)
{
	return gateway->configuration;
}

struct store *gateway_store(struct gateway *gateway)
{
	return gateway->store;
}

struct keeper *gateway_keeper(struct gateway *gateway)
{
	return gateway->keeper;
}

size_t gateway_subscriber_count(const struct gateway *gateway)
{
	return directory_subscriber_count(gateway->directory);
}

const struct refusals *gateway_refusals(const struct gateway *gateway)
{
	return gateway->refusals;
}

void gateway_admin_refused(void *ctx, const char *reason, const char *from)
{
	struct gateway *gateway = ctx;

	refusals_note(gateway->refusals, REFUSAL_ADMIN, reason, from, gateway_now_ms(),
		      "at the admin socket: %s", reason);
}

struct contract_client *gateway_contract(struct gateway *gateway)
{
	return gateway->contract;
}

bool gateway_is_restoring(const struct gateway *gateway)
{
	return gateway->is_restoring;
}

struct registrar *gateway_registrar(struct gateway *gateway)
{
	return gateway->parts.registrar;
}

struct peers *gateway_peers(struct gateway *gateway)
{
	return gateway->parts.peers;
}

void gateway_subscriber_evict(struct gateway *gateway, const char *id, const char *reason)
{
	if (gateway->parts.registrar != NULL)
		registrar_evict(gateway->parts.registrar, slice_make(id, strlen(id)), reason,
				gateway_now_s());
}

void gateway_subscriber_retell(struct gateway *gateway, struct slice id)
{
	if (gateway->parts.registrar != NULL)
		registrar_retell(gateway->parts.registrar, id);
}

enum result gateway_keys_rotate(struct gateway *gateway, keeper_done *done, void *arg)
{
	return gateway_keys_turn(gateway, true, done, arg);
}
