#include "shared/contract/port_spread.h"

const char *port_spread_text(enum contract_spread spread)
{
	switch (spread) {
	case CONTRACT_SPREAD_NOT_NEEDED:
		return "one worker, one queue";
	case CONTRACT_SPREAD_NONE:
		return "no RSS, ownership handoff by ring";
	case CONTRACT_SPREAD_ADDRESSES:
		return "RSS on addresses and ports, ownership handoff by ring";
	case CONTRACT_SPREAD_SPI:
		break;
	}
	return "RSS on the SPI, ownership handoff by ring";
}
