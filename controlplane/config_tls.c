#include "controlplane/config_tls.h"

#include "controlplane/config_file.h"

#define DAY_MS (24 * 3600 * 1000ull)

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

void config_tls_read(struct config_node root, enum config_need need, struct control_config *config)
{
	uint64_t rekey_ms = 3600 * 1000, hard_ms = 2 * 3600 * 1000, probe_ms = 1000;
	struct config_node tls;

	config->peer_soft_packets = 1ull << 32;
	config->peer_soft_bytes = 1ull << 40;
	config_map(root, "tls", need, &tls);
	config_file_read(tls, "certificate", CONFIG_REQUIRED, config->certificate_file);
	config_file_read(tls, "key", CONFIG_REQUIRED, config->key_file);
	config_file_read(tls, "ca", CONFIG_OPTIONAL, config->ca_file);
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
