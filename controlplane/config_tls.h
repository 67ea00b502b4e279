/* The "tls" of a configuration: what gateways meet each other by, and how long its keys last. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_TLS_H
#define SEKISHO_CONTROLPLANE_CONFIG_TLS_H

#include "controlplane/config.h"

/* Mistakes are noted in the configuration. */
void config_tls_read(struct config_node root, enum config_need need, struct control_config *config);

#endif
