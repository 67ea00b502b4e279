/*
 * SAs by the SPI that they send under: whose packet is it that somebody quotes to us? Control lcore
 * only; the path itself never asks.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_SPI_H
#define SEKISHO_DATAPLANE_TABLES_SA_SPI_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct sa_info;

struct sa_spi {
	uint32_t *first; /* [mask + 1] indices, 0: none; chained by sa_info's next_spi */
	uint32_t mask;
	uint32_t seed; /* terminals choose SPIs: they must not choose their chain */
};

/* Of a packet of ours: its outer addresses, ports 0 unless it is in UDP, and its SPI. */
struct sa_quote {
	struct contract_address source;
	struct contract_address destination;
	uint32_t spi;
};

/* RESULT_OK or RESULT_MEMORY. */
enum result sa_spi_create(uint32_t capacity, uint32_t seed, struct sa_spi *by_spi) SEKISHO_MUST_USE;
void sa_spi_destroy(struct sa_spi *by_spi);

/* info[index] is filled in, and sends; or is about to be forgotten. */
void sa_spi_add(struct sa_spi *by_spi, struct sa_info *info, uint32_t index);
void sa_spi_remove(struct sa_spi *by_spi, struct sa_info *info, uint32_t index);

/* The live SA that such a packet goes by, or 0. */
uint32_t sa_spi_find(const struct sa_spi *by_spi, const struct sa_info *info,
		     const struct sa_quote *quote);

#endif
