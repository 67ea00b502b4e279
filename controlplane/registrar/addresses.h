/* IP addresses as SIP has them and as the contract has them, from one to the other. */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_ADDRESSES_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_ADDRESSES_H

#include <string.h>

#include "shared/contract/contract.h"
#include "shared/sip/host.h"

static inline struct contract_address address_to_contract(const struct sip_address *address)
{
	struct contract_address out = {.family = address->family, .port = address->port};

	memcpy(out.bytes, address->bytes, sizeof(out.bytes));
	return out;
}

static inline struct sip_address address_from_contract(const struct contract_address *address)
{
	struct sip_address out = {.family = address->family, .port = address->port};

	memcpy(out.bytes, address->bytes, sizeof(out.bytes));
	return out;
}

#endif
