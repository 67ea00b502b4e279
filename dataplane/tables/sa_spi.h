/*
 * Among SAs chained by the SPI that they send under: whose packet is it that somebody quotes to us?
 * Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_SPI_H
#define SEKISHO_DATAPLANE_TABLES_SA_SPI_H

#include <stdint.h>

#include "dataplane/tables/sa_chain.h"
#include "shared/contract/contract.h"

/* Of a packet of ours: its outer addresses, ports 0 unless it is in UDP, and its SPI. */
struct sa_quote {
	struct contract_address source;
	struct contract_address destination;
	uint32_t spi;
};

/* The live SA that such a packet goes by, or 0. */
uint32_t sa_spi_find(const struct sa_chain *by_spi, const struct sa_info *info,
		     const struct sa_quote *quote);

#endif
