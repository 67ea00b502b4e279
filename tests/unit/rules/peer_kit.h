/* A gateway with its peers, and how they are found. Included by one test program each. */
#ifndef SEKISHO_TESTS_UNIT_RULES_PEER_KIT_H
#define SEKISHO_TESTS_UNIT_RULES_PEER_KIT_H

#include <string.h>

#include "dataplane/tables/peer_table.h"
#include "tests/unit/rules/gateway_kit.h"

static inline int kit_make(void **state)
{
	*state = gateway_kit_create("abc.com", "2001:6789::5060");
	return 0;
}

static inline int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

static inline const struct peer *by_domain(const struct gateway_kit *kit, const char *domain)
{
	struct text_key key = text_key_make(slice_make(domain, strlen(domain)));

	return peer_table_by_domain(&kit->peers, &key);
}

static inline const struct peer *by_address(const struct gateway_kit *kit, const char *address)
{
	struct sip_address at = kit_address(address, 1);

	return peer_table_by_address(&kit->peers, &at);
}

#endif
