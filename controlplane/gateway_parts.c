#include "controlplane/gateway_state.h"

void gateway_sa_released(void *ctx, uint32_t index, uint8_t generation)
{
	struct gateway *gateway = ctx;

	if (sa_allocator_release(gateway->parts.allocator, index, generation, gateway_now_s()) !=
	    RESULT_OK)
		log_say("SA %u was released and not in use", index);
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
		result = gateway_exchange_start(gateway);
	if (result == RESULT_OK)
		result = gateway_registrar_start(gateway);
	if (result == RESULT_OK)
		result = digest_create(random_system(), gateway_lookup_digest, gateway,
				       &gateway->parts.digest);
	if (result == RESULT_OK)
		result = gateway_uas_start(gateway);
	if (result == RESULT_OK)
		result = gateway_peers_start(gateway);
	if (result == RESULT_OK)
		gateway_door_open(gateway);
	else
		gateway_parts_destroy(gateway);
	return result;
}

enum result gateway_parts_adjust(struct gateway *gateway)
{
	const struct exchange_settings exchange = gateway_exchange_settings(gateway);
	const struct registrar_settings registrar = gateway_registrar_settings(gateway);
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
