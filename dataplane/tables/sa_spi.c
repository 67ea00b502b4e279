#include "dataplane/tables/sa_spi.h"

#include <stdlib.h>
#include <string.h>

#include "dataplane/bounds.h"
#include "dataplane/tables/sa_info.h"

enum result sa_spi_create(uint32_t capacity, uint32_t seed, struct sa_spi *by_spi)
{
	uint32_t places = 16;

	while (places < capacity)
		places *= 2;
	by_spi->first = calloc(places, sizeof(*by_spi->first));
	if (by_spi->first == NULL)
		return RESULT_MEMORY;
	by_spi->mask = places - 1;
	by_spi->seed = seed;
	return RESULT_OK;
}

void sa_spi_destroy(struct sa_spi *by_spi)
{
	free(by_spi->first);
	by_spi->first = NULL;
}

static uint32_t *first_of(const struct sa_spi *by_spi, uint32_t spi)
{
	uint64_t mixed = (spi ^ by_spi->seed) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return &by_spi->first[(uint32_t)(mixed >> 32) & by_spi->mask];
}

void sa_spi_add(struct sa_spi *by_spi, struct sa_info *info, uint32_t index)
{
	uint32_t *first = first_of(by_spi, info[index].spi_out);

	info[index].next_spi = *first;
	*first = index;
}

void sa_spi_remove(struct sa_spi *by_spi, struct sa_info *info, uint32_t index)
{
	uint32_t *at = first_of(by_spi, info[index].spi_out);

	while (*at != index && *at != 0)
		at = &info[*at].next_spi;
	if (*at == index)
		*at = info[index].next_spi;
	info[index].next_spi = 0;
}

static bool is_at(const struct contract_address *quoted, const struct contract_address *ours,
		  bool is_in_udp)
{
	return quoted->family == ours->family && quoted->port == (is_in_udp ? ours->port : 0) &&
	       memcmp(quoted->bytes, ours->bytes, quoted->family == 4 ? 4 : 16) == 0;
}

static bool is_of(const struct sa_info *info, const struct sa_quote *quote)
{
	bool is_in_udp = info->mode == CONTRACT_UDP_TUNNEL || info->mode == CONTRACT_UDP_TRANSPORT;

	return info->state == SA_LIVE && (info->directions & CONTRACT_SA_OUT) != 0 &&
	       info->spi_out == quote->spi &&
	       is_at(&quote->source, &info->outer_local, is_in_udp) &&
	       is_at(&quote->destination, &info->outer_remote, is_in_udp);
}

uint32_t sa_spi_find(const struct sa_spi *by_spi, const struct sa_info *info,
		     const struct sa_quote *quote)
{
	uint32_t index = *first_of(by_spi, quote->spi);

	for (unsigned i = 0; index != 0 && i < PATH_MTU_SAME_SPI; i++) {
		if (is_of(&info[index], quote))
			return index;
		index = info[index].next_spi;
	}
	return 0;
}
