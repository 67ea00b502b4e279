/* The "certificates" of a configuration: what the gateway and terminals prove themselves with. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_CERTIFICATES_H
#define SEKISHO_CONTROLPLANE_CONFIG_CERTIFICATES_H

#include <stdint.h>

#include "shared/config/config.h"

struct control_certificates {
	char certificate_file[CONFIG_PATH_BYTES]; /* the gateway's; empty: it has none */
	char key_file[CONFIG_PATH_BYTES];
	char ca_file[CONFIG_PATH_BYTES];  /* of terminals; empty: none comes by certificate */
	char crl_file[CONFIG_PATH_BYTES]; /* empty: nobody is revoked */
	uint32_t per_second;		  /* terminals' certificates verified at most */
};

/* Mistakes are noted in the configuration. */
void config_certificates_read(struct config_node root, struct control_certificates *out);

#endif
