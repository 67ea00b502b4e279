#include "dataplane/configuration.h"

#include <string.h>

#include "dataplane/bounds.h"

static const struct configuration defaults = {
	.workers = 1,
	.is_idle_backed_off = true,
	.is_huge = true,
	.memory_mb = 256,
	.file_prefix = "sekisho",
	.sa_capacity = 16384,
	.binding_capacity = 16384,
	.small_buffers = 4096,
	.large_buffers = 256,
	.registers_per_second = 50,
};

static void take_number(struct config_node map, const char *key, uint64_t min, uint64_t max,
			uint32_t *out)
{
	uint64_t value;

	if (config_integer(map, key, CONFIG_OPTIONAL, min, max, &value))
		*out = (uint32_t)value;
}

static void read_cores(struct config_node eal, struct configuration *configuration)
{
	struct config_node list;

	if (!config_list(eal, "cores", CONFIG_OPTIONAL, 2, CONFIGURATION_WORKERS + 1, &list))
		return;
	configuration->core_count = (unsigned)config_count(list);
	for (unsigned i = 0; i < configuration->core_count; i++)
		take_number(config_item(list, i), NULL, 0, 1023, &configuration->cores[i]);
	if (configuration->core_count != configuration->workers + 1)
		config_mistake(eal, "cores", "one core for control and one for each of %u workers",
			       configuration->workers);
}

static void read_eal(struct config_node root, struct configuration *configuration)
{
	struct config_node eal, list;

	config_map(root, "eal", CONFIG_OPTIONAL, &eal);
	config_text(eal, "file-prefix", CONFIG_OPTIONAL, configuration->file_prefix,
		    sizeof(configuration->file_prefix));
	config_boolean(eal, "hugepages", CONFIG_OPTIONAL, &configuration->is_huge);
	take_number(eal, "memory-mb", 64, 1u << 20, &configuration->memory_mb);
	read_cores(eal, configuration);
	if (!config_list(eal, "arguments", CONFIG_OPTIONAL, 0, CONFIGURATION_ARGUMENTS, &list))
		return;
	configuration->argument_count = (unsigned)config_count(list);
	for (unsigned i = 0; i < configuration->argument_count; i++)
		config_text(config_item(list, i), NULL, CONFIG_REQUIRED,
			    configuration->arguments[i], CONFIGURATION_ARGUMENT_BYTES);
}

static void read_addresses(struct config_node map, struct configuration_port *port)
{
	struct config_node list;

	if (!config_list(map, "addresses", CONFIG_REQUIRED, 1, 2, &list))
		return;
	for (size_t i = 0; i < config_count(list); i++) {
		struct contract_address address;
		uint8_t bits;
		unsigned slot;

		if (!config_prefix(config_item(list, i), NULL, CONFIG_REQUIRED, &address, &bits))
			continue;
		slot = address.family == 6;
		if (port->address[slot].family != 0)
			config_mistake(config_item(list, i), NULL,
				       "a second address of the same family");
		port->address[slot] = address;
		port->prefix_bits[slot] = bits;
	}
}

static void read_routers(struct config_node map, struct configuration_port *port)
{
	struct config_node list;

	if (!config_list(map, "routers", CONFIG_OPTIONAL, 0, 2, &list))
		return;
	for (size_t i = 0; i < config_count(list); i++) {
		struct config_node item = config_item(list, i);
		struct contract_address address;
		unsigned slot;

		if (!config_address(item, NULL, CONFIG_REQUIRED, &address))
			continue;
		slot = address.family == 6;
		if (port->router[slot].family != 0)
			config_mistake(item, NULL, "a second router of the same family");
		if (port->address[slot].family == 0)
			config_mistake(item, NULL, "a router of a family without an address");
		port->router[slot] = address;
	}
}

static void read_device(struct config_node map, struct configuration_port *port)
{
	bool is_vdev = config_has(map, "vdev"), is_pci = config_has(map, "pci");

	if (is_vdev == is_pci) {
		config_mistake(map, is_pci ? "pci" : NULL, "a port is either \"vdev\" or \"pci\"");
		is_vdev = !is_pci;
	}
	port->is_vdev = is_vdev;
	config_text(map, is_vdev ? "vdev" : "pci", CONFIG_REQUIRED, port->device,
		    sizeof(port->device));
}

static void read_port(struct config_node map, struct configuration_port *port)
{
	uint32_t mtu = 1500, path_mtu = PATH_MTU_BYTES;

	read_device(map, port);
	config_text(map, "exception", CONFIG_REQUIRED, port->tap, sizeof(port->tap));
	take_number(map, "mtu", 1280, 1500, &mtu);
	port->mtu = (uint16_t)mtu;
	take_number(map, "path-mtu", PATH_MTU_BYTES, mtu, &path_mtu);
	port->path_mtu = (uint16_t)path_mtu;
	config_boolean(map, "large-frames", CONFIG_OPTIONAL, &port->has_large_frames);
	read_addresses(map, port);
	read_routers(map, port);
}

static void read_ports(struct config_node root, struct configuration *configuration)
{
	struct config_node list;

	if (!config_list(root, "ports", CONFIG_REQUIRED, 1, CONFIGURATION_PORTS, &list))
		return;
	configuration->port_count = (unsigned)config_count(list);
	for (unsigned i = 0; i < configuration->port_count; i++) {
		struct config_node map;

		if (!config_map(config_item(list, i), NULL, CONFIG_REQUIRED, &map))
			continue;
		read_port(map, &configuration->ports[i]);
		for (unsigned j = 0; j < i; j++)
			if (strcmp(configuration->ports[i].tap, configuration->ports[j].tap) == 0)
				config_mistake(map, "exception", "two ports of the same name");
	}
}

static void read_capacity(struct config_node root, struct configuration *configuration)
{
	const uint64_t most = (1u << LIMIT_SA_INDEX_BITS) - 1;
	struct config_node map;

	config_map(root, "capacity", CONFIG_OPTIONAL, &map);
	take_number(map, "sas", 16, most, &configuration->sa_capacity);
	take_number(map, "bindings", 16, most, &configuration->binding_capacity);
	take_number(map, "buffers", 1024, 1u << 22, &configuration->small_buffers);
	take_number(map, "large-buffers", 64, 1u << 16, &configuration->large_buffers);
}

static void read_esp(struct config_node root, struct configuration *configuration)
{
	static const struct config_word engines[] = {{"ipsec-mb", 0}, {"cryptodev", 1}};
	struct config_node map;
	unsigned is_device = 0;
	char name[sizeof(configuration->esp_device)] = "crypto_aesni_mb";

	config_map(root, "esp", CONFIG_OPTIONAL, &map);
	config_choice(map, "engine", CONFIG_OPTIONAL, engines, 2, &is_device);
	if (config_text(map, "device", CONFIG_OPTIONAL, name, sizeof(name)) && !is_device)
		config_mistake(map, "device", "only \"engine: cryptodev\" has a device");
	if (is_device)
		memcpy(configuration->esp_device, name, sizeof(name));
}

static void read_root(struct config_node root, struct configuration *configuration)
{
	struct config_node map;

	config_map(root, "contract", CONFIG_REQUIRED, &map);
	config_path(map, "socket", CONFIG_REQUIRED, configuration->socket_path,
		    sizeof(configuration->socket_path));
	config_path(root, "state-file", CONFIG_OPTIONAL, configuration->state_path,
		    sizeof(configuration->state_path));
	take_number(root, "workers", 1, CONFIGURATION_WORKERS, &configuration->workers);
	config_boolean(root, "idle-backoff", CONFIG_OPTIONAL, &configuration->is_idle_backed_off);
	take_number(root, "registers-per-second", 1, 1000000, &configuration->registers_per_second);
	read_eal(root, configuration);
	read_esp(root, configuration);
	read_capacity(root, configuration);
	read_ports(root, configuration);
}

enum result configuration_read(const char *path, FILE *report, struct configuration *configuration)
{
	struct config *config;
	enum result result = config_open(path, report, &config);

	if (result != RESULT_OK)
		return result;
	*configuration = defaults;
	read_root(config_root(config), configuration);
	result = config_finish(config);
	config_close(config);
	return result;
}
