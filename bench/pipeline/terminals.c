#include "bench/pipeline/terminals.h"

#include <stdio.h>
#include <string.h>

#include "bench/pipeline/must.h"
#include "dataplane/esp/suite.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/worker.h"

#define GENERATION 1

struct contract_address bench_gateway_address(uint8_t family)
{
	if (family == 6)
		return (struct contract_address){
			6, 0, 5060, {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60}};
	return (struct contract_address){4, 0, 5060, {10, 255, 0, 1}};
}

struct contract_address bench_terminal_address(uint8_t family, uint32_t terminal)
{
	struct contract_address address = {6, 0, 5060, {0x20, 0x01, 0x12, 0x34}};
	uint8_t *low = address.bytes + 12;

	if (family == 4) {
		address.family = 4;
		low = address.bytes;
	}
	low[0] = 10;
	low[1] = (uint8_t)(terminal >> 16);
	low[2] = (uint8_t)(terminal >> 8);
	low[3] = (uint8_t)terminal;
	return address;
}

uint32_t bench_terminal_of(uint8_t family, const uint8_t *address)
{
	const uint8_t *low = address + (family == 6 ? 12 : 0);

	return (uint32_t)low[1] << 16 | (uint32_t)low[2] << 8 | low[3];
}

void bench_terminal_key(uint32_t terminal, bool is_to_gateway, uint8_t key[CONTRACT_SA_KEY_BYTES])
{
	uint64_t x = (uint64_t)terminal * 2 + is_to_gateway + 1;

	for (int i = 0; i < CONTRACT_SA_KEY_BYTES; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		key[i] = (uint8_t)(x >> 24);
	}
}

uint32_t bench_spi_gateway(uint32_t terminal)
{
	return SA_HANDLE(terminal, GENERATION);
}

uint32_t bench_spi_terminal(uint32_t terminal)
{
	return 0x40000000u + terminal;
}

unsigned bench_terminal_worker(const struct bench_gateway_config *config, uint32_t terminal)
{
	return terminal % config->workers;
}

/* Its name, as it stands in all three tables. */
static void aor_write(uint32_t terminal, char aor[LIMIT_AOR_BYTES + 1])
{
	snprintf(aor, LIMIT_AOR_BYTES + 1, "t%u@bench.example", terminal);
}

static void sa_put(const struct tables *tables, const struct bench_gateway_config *config,
		   uint32_t terminal)
{
	struct contract_sa sa = {.index = terminal,
				 .generation = GENERATION,
				 .directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
				 .owner_kind = CONTRACT_OWNER_TERMINAL,
				 .suite = config->suite,
				 .mode = CONTRACT_TRANSPORT,
				 .level = esp_suite_get(config->suite)->level,
				 .worker = (uint8_t)bench_terminal_worker(config, terminal),
				 .spi_out = bench_spi_terminal(terminal),
				 .owner_index = terminal,
				 .owner_generation = GENERATION,
				 .is_replay_checked = 1};

	sa.inner_local = sa.outer_local = bench_gateway_address(config->family);
	sa.inner_remote = sa.outer_remote = bench_terminal_address(config->family, terminal);
	sa.outer_local.port = sa.outer_remote.port = 0;
	bench_terminal_key(terminal, true, sa.key_in);
	bench_terminal_key(terminal, false, sa.key_out);
	aor_write(terminal, sa.subscriber);
	bench_must(sa_table_put(tables->sas, &sa) == RESULT_OK, "an SA is refused");
}

static void registration_put(const struct tables *tables, const struct bench_gateway_config *config,
			     uint32_t terminal)
{
	struct contract_binding binding = {.index = terminal,
					   .generation = GENERATION,
					   .name = terminal,
					   .identity_count = 1,
					   .expires_s = UINT64_MAX};
	struct contract_identity identity = {.kind = CONTRACT_IDENTITY_LOCAL,
					     .binding_index = terminal,
					     .binding_generation = GENERATION};

	if (!config->is_clear) {
		binding.level = esp_suite_get(config->suite)->level;
		binding.sa_index = terminal;
		binding.sa_generation = GENERATION;
	}
	binding.address = bench_terminal_address(config->family, terminal);
	aor_write(terminal, identity.aor);
	aor_write(terminal, binding.identity[0]);
	aor_write(terminal, binding.subscriber);
	snprintf(binding.contact, sizeof(binding.contact), "sip:t%u@c.bench.example", terminal);
	bench_must(binding_table_put(tables->bindings, &binding) == RESULT_OK,
		   "a binding is refused");
	bench_must(identity_table_put(tables->identities, &identity) == RESULT_OK,
		   "an identity is refused");
}

void bench_terminals_put(const struct tables *tables, const struct bench_gateway_config *config)
{
	for (uint32_t terminal = 1; terminal <= config->terminals; terminal++) {
		if (!config->is_clear)
			sa_put(tables, config, terminal);
		registration_put(tables, config, terminal);
	}
}
