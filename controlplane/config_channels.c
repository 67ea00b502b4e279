#include "controlplane/config_channels.h"

#include <string.h>

static void suites_read(struct config_node root, struct control_config *config)
{
	struct suite_list *suites = &config->suites;
	struct config_node list;
	char name[64];

	if (!config_list(root, "suites", CONFIG_OPTIONAL, 1, SUITE_COUNT, &list)) {
		suites->suite[suites->count++] = SUITE_AES_128_GCM_16;
		suites->suite[suites->count++] = SUITE_AES_256_GCM_16;
		return;
	}
	for (size_t i = 0; i < config_count(list); i++) {
		struct config_node item = config_item(list, i);
		const struct suite_properties *suite;

		if (!config_text(item, NULL, CONFIG_REQUIRED, name, sizeof(name)))
			continue;
		suite = suite_find_name(slice_make(name, strlen(name)));
		if (suite == NULL)
			config_mistake(item, NULL, "there is no suite \"%s\"", name);
		else if (suite_is_listed(suites, suite->suite))
			config_mistake(item, NULL, "\"%s\" stands here a second time", name);
		else
			suites->suite[suites->count++] = suite->suite;
	}
}

/* Ranges of our own choice, which no terminal's real network is likely to have. */
static const struct inner_prefix inner_default[2] = {
	{{.family = 6, .bytes = {0xfd, 0x73, 0x65, 0x6b, 0x69, 0x74}}, 64},
	{{.family = 4, .bytes = {10, 139}}, 16},
};

static void inner_item_read(struct config_node item, struct control_config *config)
{
	struct contract_address address;
	struct inner_prefix *prefix;
	uint8_t bits;

	if (!config_prefix(item, NULL, CONFIG_REQUIRED, &address, &bits))
		return;
	prefix = &config->inner[address.family == 4];
	if (prefix->address.family != 0)
		config_mistake(item, NULL, "a second network of the same family");
	if (bits > (address.family == 4 ? 30 : 126))
		config_mistake(item, NULL, "no room for two addresses");
	prefix->address.family = address.family;
	memcpy(prefix->address.bytes, address.bytes, sizeof(prefix->address.bytes));
	prefix->bits = bits;
}

static void inner_read(struct config_node root, struct control_config *config)
{
	struct config_node list;

	if (!config_list(root, "inner-addresses", CONFIG_OPTIONAL, 1, 2, &list)) {
		memcpy(config->inner, inner_default, sizeof(config->inner));
		return;
	}
	for (size_t i = 0; i < config_count(list); i++)
		inner_item_read(config_item(list, i), config);
}

void config_channels_read(struct config_node root, struct control_config *config)
{
	suites_read(root, config);
	inner_read(root, config);
}
