#include "dataplane/tables/sa_spi.h"

#include <stdbool.h>
#include <string.h>

#include "dataplane/bounds.h"
#include "dataplane/tables/sa_info.h"

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

uint32_t sa_spi_find(const struct sa_chain *by_spi, const struct sa_info *info,
		     const struct sa_quote *quote)
{
	uint32_t index = sa_chain_first(by_spi, quote->spi);

	for (unsigned i = 0; index != 0 && i < PATH_MTU_SAME_SPI; i++) {
		if (is_of(&info[index], quote))
			return index;
		index = info[index].next_in[SA_CHAIN_SPI];
	}
	return 0;
}
