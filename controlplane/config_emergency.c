#include "controlplane/config_emergency.h"

#include <string.h>

static bool is_dialled(const char *number)
{
	return number[strspn(number, "0123456789+*#")] == '\0';
}

/* Who answers emergency calls: a peer, or we ourselves; and what numbers are such calls. */
void config_emergency_read(struct config_node root, struct control_config *config)
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
