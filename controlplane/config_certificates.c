#include "controlplane/config_certificates.h"

#include "controlplane/config_file.h"

#define PER_SECOND     2000
#define PER_SECOND_MAX 1000000

void config_certificates_read(struct config_node root, struct control_certificates *out)
{
	uint64_t per_second = PER_SECOND;
	struct config_node map;

	out->per_second = PER_SECOND;
	if (!config_map(root, "certificates", CONFIG_OPTIONAL, &map))
		return;
	config_file_read(map, "certificate", CONFIG_REQUIRED, out->certificate_file);
	config_file_read(map, "key", CONFIG_REQUIRED, out->key_file);
	config_file_read(map, "ca", CONFIG_OPTIONAL, out->ca_file);
	config_file_read(map, "crl", CONFIG_OPTIONAL, out->crl_file);
	if (out->crl_file[0] != '\0' && out->ca_file[0] == '\0')
		config_mistake(map, "crl", "there is no \"ca\" whose list this could be");
	config_integer(map, "per-second", CONFIG_OPTIONAL, 1, PER_SECOND_MAX, &per_second);
	out->per_second = (uint32_t)per_second;
}
