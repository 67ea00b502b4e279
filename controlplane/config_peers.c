#include "controlplane/config_peers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIP_PORT     5060
#define GATEWAYS_MAX 8 /* of a peer's domain: so many a call may choose among */
#define DAY_MS	     (24 * 3600 * 1000ull)

static void file_check(struct config_node map, const char *key, const char *path)
{
	if (access(path, R_OK) != 0)
		config_mistake(map, key, "the file cannot be read");
}

static bool file_read(struct config_node map, const char *key, enum config_need need,
		      char out[CONFIG_PATH_BYTES])
{
	if (!config_path(map, key, need, out, CONFIG_PATH_BYTES))
		return false;
	file_check(map, key, out);
	return true;
}

static void listen_read(struct config_node tls, struct control_config *config)
{
	struct config_node list;

	if (!config_list(tls, "listen", CONFIG_OPTIONAL, 1, 2, &list))
		return;
	for (size_t i = 0; i < config_count(list); i++)
		config_endpoint(config_item(list, i), NULL, CONFIG_REQUIRED, PEERS_PORT,
				&config->tls_listen[i]);
	if (config->tls_listen[0].family != 0 &&
	    config->tls_listen[0].family == config->tls_listen[1].family)
		config_mistake(tls, "listen", "one address of each family is expected here");
}

static void tls_read(struct config_node root, enum config_need need, struct control_config *config)
{
	uint64_t rekey_ms = 3600 * 1000, hard_ms = 2 * 3600 * 1000, probe_ms = 1000;
	struct config_node tls;

	config->peer_soft_packets = 1ull << 32;
	config->peer_soft_bytes = 1ull << 40;
	config_map(root, "tls", need, &tls);
	file_read(tls, "certificate", CONFIG_REQUIRED, config->certificate_file);
	file_read(tls, "key", CONFIG_REQUIRED, config->key_file);
	file_read(tls, "ca", CONFIG_OPTIONAL, config->ca_file);
	listen_read(tls, config);
	config_duration(tls, "rekey", CONFIG_OPTIONAL, 60 * 1000, DAY_MS, &rekey_ms);
	config_duration(tls, "hard", CONFIG_OPTIONAL, 120 * 1000, 7 * DAY_MS, &hard_ms);
	if (hard_ms < 2 * rekey_ms)
		config_mistake(tls, "hard", "\"hard\" must be at least twice \"rekey\"");
	config_duration(tls, "probe", CONFIG_OPTIONAL, 100, 60 * 1000, &probe_ms);
	config_integer(tls, "packets", CONFIG_OPTIONAL, 1000, 1ull << 60,
		       &config->peer_soft_packets);
	config_integer(tls, "bytes", CONFIG_OPTIONAL, 1000000, 1ull << 62,
		       &config->peer_soft_bytes);
	config->peer_probe_ms = (uint32_t)probe_ms;
	config->peer_rekey_s = (uint32_t)(rekey_ms / 1000);
	config->peer_hard_s = (uint32_t)(hard_ms / 1000);
}

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
	if (!file_read(node, "ca", CONFIG_OPTIONAL, text->ca_file))
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

static bool is_dialled(const char *number)
{
	return number[strspn(number, "0123456789+*#")] == '\0';
}

/* Who answers emergency calls: a peer, or we ourselves; and what numbers are such calls. */
static void emergency_read(struct config_node root, struct control_config *config)
{
	struct config_node map, list;
	bool is_there = false;

	if (!config_map(root, "emergency", CONFIG_OPTIONAL, &map))
		return;
	config_domain(map, "peer", CONFIG_OPTIONAL, config->emergency_peer);
	for (uint32_t i = 0; i < config->peer_count; i++)
		is_there = is_there || strcmp(config->peer[i].name, config->emergency_peer) == 0;
	if (config->emergency_peer[0] != '\0' && !is_there)
		config_mistake(map, "peer", "there is no peer \"%s\"", config->emergency_peer);
	config_list(map, "numbers", CONFIG_OPTIONAL, 0, 8, &list);
	for (size_t i = 0; i < config_count(list); i++) {
		char *number = config->emergency[config->emergency_count];

		if (!config_text(config_item(list, i), NULL, CONFIG_REQUIRED, number,
				 sizeof(config->emergency[0])))
			continue;
		if (is_dialled(number))
			config->emergency_count++;
		else
			config_mistake(config_item(list, i), NULL,
				       "a number as it is dialled is expected here");
	}
}

enum result control_config_read_peers(struct config_node root, struct control_config *config)
{
	struct config_node list;
	size_t count;

	config_list(root, "peers", CONFIG_OPTIONAL, 0, PEERS_MAX, &list);
	count = config_count(list);
	tls_read(root, count > 0 ? CONFIG_REQUIRED : CONFIG_OPTIONAL, config);
	config->peer = calloc(PEERS_MAX + 1, sizeof(*config->peer));
	config->peer_text = calloc(PEERS_MAX + 1, sizeof(*config->peer_text));
	if (config->peer == NULL || config->peer_text == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < count; i++)
		peer_read(config_item(list, i), config);
	emergency_read(root, config);
	return RESULT_OK;
}
