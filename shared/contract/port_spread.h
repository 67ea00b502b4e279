/* In words for the operator: how what a port receives comes to the workers. */
#ifndef SEKISHO_SHARED_CONTRACT_PORT_SPREAD_H
#define SEKISHO_SHARED_CONTRACT_PORT_SPREAD_H

#include "shared/contract/contract.h"

const char *port_spread_text(enum contract_spread spread);

#endif
