#include "dataplane/io/spread.h"

#define WANTED (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_ESP)

struct spread spread_choose(const struct rte_eth_dev_info *info, uint16_t queues)
{
	struct spread spread = {.way = SPREAD_NOT_NEEDED};

	if (queues <= 1)
		return spread;
	spread.hash_fields = info->flow_type_rss_offloads & WANTED;
	if (spread.hash_fields == 0)
		spread.way = SPREAD_NONE;
	else if (spread.hash_fields & RTE_ETH_RSS_ESP)
		spread.way = SPREAD_SPI;
	else
		spread.way = SPREAD_ADDRESSES;
	return spread;
}

const char *spread_text(enum spread_way way)
{
	switch (way) {
	case SPREAD_NOT_NEEDED:
		return "one worker, one queue";
	case SPREAD_NONE:
		return "no RSS, ownership handoff by ring";
	case SPREAD_ADDRESSES:
		return "RSS on addresses and ports, ownership handoff by ring";
	case SPREAD_SPI:
		break;
	}
	return "RSS on the SPI, ownership handoff by ring";
}
