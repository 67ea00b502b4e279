#include "dataplane/io/spread.h"

#define WANTED (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_ESP)

struct spread spread_choose(const struct rte_eth_dev_info *info, uint16_t queues)
{
	struct spread spread = {.way = CONTRACT_SPREAD_NOT_NEEDED};

	if (queues <= 1)
		return spread;
	spread.hash_fields = info->flow_type_rss_offloads & WANTED;
	if (spread.hash_fields == 0)
		spread.way = CONTRACT_SPREAD_NONE;
	else if (spread.hash_fields & RTE_ETH_RSS_ESP)
		spread.way = CONTRACT_SPREAD_SPI;
	else
		spread.way = CONTRACT_SPREAD_ADDRESSES;
	return spread;
}
