/* Who the bench's terminals are: all that everybody here derives from a terminal's number. */
#ifndef SEKISHO_BENCH_PIPELINE_TERMINALS_H
#define SEKISHO_BENCH_PIPELINE_TERMINALS_H

#include <stdint.h>

#include "bench/pipeline/bench_gateway.h"
#include "shared/contract/contract.h"

struct tables;

/* All of them into the tables, by SAs or in the clear; ends the process with a sentence if one is
 * refused. */
void bench_terminals_put(const struct tables *tables, const struct bench_gateway_config *config);

/* The worker that owns its SA. */
unsigned bench_terminal_worker(const struct bench_gateway_config *config, uint32_t terminal);

/* Addresses and keys; whose the address with these bytes is, if it is anybody's. */
struct contract_address bench_gateway_address(uint8_t family);
struct contract_address bench_terminal_address(uint8_t family, uint32_t terminal);
uint32_t bench_terminal_of(uint8_t family, const uint8_t *address);
void bench_terminal_key(uint32_t terminal, bool is_to_gateway, uint8_t key[CONTRACT_SA_KEY_BYTES]);

/* SPI a terminal receives on, and the one the gateway does. */
uint32_t bench_spi_terminal(uint32_t terminal);
uint32_t bench_spi_gateway(uint32_t terminal);

#endif
