#include "controlplane/peers/peer_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/keyexchange/suites.h"
#include "shared/sip/route_security.h"

const char *peer_config_gateway(const struct peer_config *config)
{
	return config->gateway ? config->gateway : config->name;
}

uint8_t peer_config_level(const struct peer_config *config)
{
	const struct suite_properties *suite = suite_find(config->suite);

	/* TLS, or the default suite, encrypts. */
	return config->transport == PEER_ESP && suite ? suite->level : SIP_LEVEL_CONFIDENTIAL;
}

static bool text_copy(const char **text)
{
	*text = strdup(*text);
	return *text != NULL;
}

struct peer_config *peer_config_copy(const struct peer_config *from)
{
	struct peer_config *copy = malloc(sizeof(*copy));
	bool is_whole;

	if (!copy)
		return NULL;
	*copy = *from;
	copy->gateway = peer_config_gateway(from);
	is_whole = text_copy(&copy->name);
	is_whole = text_copy(&copy->gateway) && is_whole;
	is_whole = text_copy(&copy->ca_file) && is_whole;
	for (unsigned i = 0; i < from->domain_count; i++)
		is_whole = text_copy(&copy->domain[i]) && is_whole;
	for (unsigned i = 0; i < from->reach_count; i++)
		is_whole = text_copy(&copy->reach[i]) && is_whole;
	if (is_whole)
		return copy;
	peer_config_destroy(copy);
	return NULL;
}

void peer_config_destroy(struct peer_config *config)
{
	if (!config)
		return;
	for (unsigned i = 0; i < config->domain_count; i++)
		free((char *)config->domain[i]);
	for (unsigned i = 0; i < config->reach_count; i++)
		free((char *)config->reach[i]);
	free((char *)config->name);
	free((char *)config->gateway);
	free((char *)config->ca_file);
	free(config);
}

static bool is_same_address(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool peer_config_is_same_way(const struct peer_config *a, const struct peer_config *b)
{
	if (a->transport != b->transport || a->suite != b->suite ||
	    strcmp(a->ca_file, b->ca_file) != 0 || !is_same_address(&a->connect, &b->connect) ||
	    a->address_count != b->address_count)
		return false;
	for (unsigned i = 0; i < a->address_count; i++)
		if (!is_same_address(&a->address[i], &b->address[i]))
			return false;
	return true;
}

void peer_config_fill(const struct peer_config *config, uint32_t index, struct contract_peer *put)
{
	*put = (struct contract_peer){.index = index, .level = peer_config_level(config)};
	contract_header_set(&put->header, CONTRACT_PEER_PUT, sizeof(*put), 0);
	put->is_trusted = config->is_trusted;
	put->is_transit = config->is_transit;
	put->is_sibling = config->is_sibling;
	put->priority = config->priority;
	put->weight = config->weight;
	put->route_security = (uint8_t)config->route_security;
	put->domain_count = config->domain_count;
	put->reach_count = config->reach_count;
	put->address_count = config->address_count;
	memcpy(put->address, config->address, sizeof(put->address));
	snprintf(put->name, sizeof(put->name), "%s", config->name);
	for (unsigned i = 0; i < config->domain_count; i++)
		snprintf(put->domain[i], sizeof(put->domain[i]), "%s", config->domain[i]);
	for (unsigned i = 0; i < config->reach_count; i++)
		snprintf(put->reach[i], sizeof(put->reach[i]), "%s", config->reach[i]);
}
