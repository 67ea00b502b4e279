#include "controlplane/config_peers.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/config_emergency.h"
#include "controlplane/config_file.h"
#include "controlplane/config_tls.h"

#define SIP_PORT     5060
#define GATEWAYS_MAX 8 /* of a peer's domain: so many a call may choose among */

static uint8_t domains_read(struct config_node peer, const char *key, enum config_need need,
			    char text[PEER_MAX_DOMAINS][LIMIT_DOMAIN_BYTES + 1],
			    const char *out[PEER_MAX_DOMAINS])
{
	struct config_node list;
	uint8_t count = 0;

	config_list(peer, key, need, 1, PEER_MAX_DOMAINS, &list);
	for (size_t i = 0; i < config_count(list); i++) {
		if (!config_domain(config_item(list, i), NULL, CONFIG_REQUIRED, text[count]))
			continue;
		out[count] = text[count];
		count++;
	}
	return count;
}

static void addresses_read(struct config_node node, struct peer_config *peer)
{
	struct config_node list;

	config_list(node, "addresses", CONFIG_REQUIRED, 1, PEER_MAX_ADDRESSES, &list);
	for (size_t i = 0; i < config_count(list); i++)
		if (config_endpoint(config_item(list, i), NULL, CONFIG_REQUIRED, SIP_PORT,
				    &peer->address[peer->address_count]))
			peer->address_count++;
	if (peer->address_count > 0) {
		peer->connect = peer->address[0];
		peer->connect.port = PEERS_PORT;
	}
}

static void kind_read(struct config_node node, struct peer_config *peer)
{
	static const struct config_word transports[] = {{"esp", PEER_ESP},
							{"sip-tls", PEER_SIP_TLS}};
	static const struct config_word route_security[] = {{"require", CONTRACT_RS_REQUIRE},
							    {"annotate", CONTRACT_RS_ANNOTATE}};
	static const struct config_word suites[] = {
		{"aes-128-gcm-16", CONTRACT_SUITE_AES_128_GCM_16},
		{"aes-256-gcm-16", CONTRACT_SUITE_AES_256_GCM_16},
		{"null-aes-128-gmac-16", CONTRACT_SUITE_NULL_AES_128_GMAC_16}};
	unsigned transport = PEER_ESP, security = 0, suite = CONTRACT_SUITE_AES_128_GCM_16;

	config_choice(node, "transport", CONFIG_OPTIONAL, transports, 2, &transport);
	config_choice(node, "route-security", CONFIG_OPTIONAL, route_security, 2, &security);
	config_choice(node, "suite", CONFIG_OPTIONAL, suites, 3, &suite);
	peer->suite = (uint8_t)suite;
	peer->transport = transport;
	peer->route_security = security;
}

/* Whom to dial: "connect", else the first address; with "dial: no" the peer is waited for. */
static void connect_read(struct config_node node, struct peer_config *peer)
{
	bool is_dialled = true;

	config_endpoint(node, "connect", CONFIG_OPTIONAL, PEERS_PORT, &peer->connect);
	config_boolean(node, "dial", CONFIG_OPTIONAL, &is_dialled);
	if (!is_dialled)
		peer->connect = (struct contract_address){0};
}

static bool has_gateway(const struct control_config *config, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(config->peer[i].gateway, name) == 0)
			return true;
	return false;
}

static void peer_check(struct config_node node, const struct control_config *config, size_t index)
{
	const struct peer_config *peer = &config->peer[index];

	for (size_t i = 0; i < index; i++)
		if (strcmp(config->peer[i].name, peer->name) == 0) {
			config_mistake(node, "name", "another peer has this name");
			break;
		}
	if (peer->is_sibling && peer->transport == PEER_SIP_TLS)
		config_mistake(node, "transport", "a sibling is a gateway of our own kind");
	if (peer->is_sibling)
		return;
	for (unsigned i = 0; i < peer->domain_count; i++)
		if (control_config_has_domain(config,
					      slice_make(peer->domain[i], strlen(peer->domain[i]))))
			config_mistake(node, "domains",
				       "\"%s\" is our own; only a sibling speaks for it",
				       peer->domain[i]);
}

/* Siblings are told apart by their ids: the store says at which of them a name is registered. */
static void sibling_read(struct config_node node, const struct control_config *config,
			 struct peer_config *peer)
{
	uint64_t id = 0;

	if (!peer->is_sibling)
		return;
	if (config_integer(node, "gateway-id", CONFIG_REQUIRED, 0, 63, &id) &&
	    id == config->gateway_id)
		config_mistake(node, "gateway-id", "this is our own; each sibling has another");
	peer->gateway_id = (uint8_t)id;
}

/* What all gateways of the peer have in common. */
static void common_read(struct config_node node, struct control_config *config,
			struct peer_config *peer, struct control_peer *text)
{
	peer->name = text->name;
	config_domain(node, "name", CONFIG_REQUIRED, text->name);
	peer->domain_count =
		domains_read(node, "domains", CONFIG_REQUIRED, text->domain, peer->domain);
	peer->reach_count = domains_read(node, "reach", CONFIG_OPTIONAL, text->reach, peer->reach);
	kind_read(node, peer);
	config_boolean(node, "trusted", CONFIG_OPTIONAL, &peer->is_trusted);
	config_boolean(node, "transit", CONFIG_OPTIONAL, &peer->is_transit);
	config_boolean(node, "sibling", CONFIG_OPTIONAL, &peer->is_sibling);
	if (!config_file_read(node, "ca", CONFIG_OPTIONAL, text->ca_file))
		memcpy(text->ca_file, config->ca_file, sizeof(text->ca_file));
	if (text->ca_file[0] == '\0')
		config_mistake(node, NULL, "there is no \"ca\", neither here nor under tls");
	peer->ca_file = text->ca_file;
}

/* How one gateway is reached: in the peer itself where it has but one. */
static void way_read(struct config_node node, const struct control_config *config,
		     struct peer_config *peer)
{
	addresses_read(node, peer);
	connect_read(node, peer);
	sibling_read(node, config, peer);
}

/* The place of one more gateway; NULL: there are as many as there may be. */
static struct peer_config *place_take(struct config_node node, struct control_config *config)
{
	if (config->peer_count == PEERS_MAX) {
		config_mistake(node, NULL, "there are more than %d gateways of peers in all",
			       PEERS_MAX);
		return NULL;
	}
	return &config->peer[config->peer_count++];
}

/* One of several, common to which is `first`. */
static void gateway_read(struct config_node node, const struct peer_config *first,
			 struct control_config *config)
{
	uint64_t priority = 1, weight = 1;
	uint32_t index = config->peer_count;
	struct peer_config *peer = place_take(node, config);

	if (peer == NULL)
		return;
	*peer = *first;
	peer->gateway = config->peer_text[index].gateway;
	config_domain(node, "name", CONFIG_REQUIRED, config->peer_text[index].gateway);
	if (has_gateway(config, index, peer->gateway))
		config_mistake(node, "name", "another gateway has this name");
	config_integer(node, "priority", CONFIG_OPTIONAL, 0, 255, &priority);
	config_integer(node, "weight", CONFIG_OPTIONAL, 1, 255, &weight);
	peer->priority = (uint8_t)priority;
	peer->weight = (uint8_t)weight;
	way_read(node, config, peer);
}

static void peer_read(struct config_node node, struct control_config *config)
{
	uint32_t index = config->peer_count;
	struct peer_config *peer = place_take(node, config), first;
	struct config_node gateways;

	if (peer == NULL)
		return;
	common_read(node, config, peer, &config->peer_text[index]);
	peer->gateway = peer->name;
	peer->priority = peer->weight = 1;
	peer_check(node, config, index);
	if (!config_has(node, "gateways")) {
		way_read(node, config, peer);
		return;
	}
	first = *peer;
	config->peer_count = index;
	config_list(node, "gateways", CONFIG_REQUIRED, 1, GATEWAYS_MAX, &gateways);
	for (size_t i = 0; i < config_count(gateways); i++)
		gateway_read(config_item(gateways, i), &first, config);
}

enum result control_config_read_peers(struct config_node root, struct control_config *config)
{
	struct config_node list;
	size_t count;

	config_list(root, "peers", CONFIG_OPTIONAL, 0, PEERS_MAX, &list);
	count = config_count(list);
	config_tls_read(root, count > 0 ? CONFIG_REQUIRED : CONFIG_OPTIONAL, config);
	config->peer = calloc(PEERS_MAX + 1, sizeof(*config->peer));
	config->peer_text = calloc(PEERS_MAX + 1, sizeof(*config->peer_text));
	if (config->peer == NULL || config->peer_text == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < count; i++)
		peer_read(config_item(list, i), config);
	config_emergency_read(root, config);
	return RESULT_OK;
}
