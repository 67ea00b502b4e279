/* What terminals' channels may be: their suites, and the addresses inside tunnels. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_CHANNELS_H
#define SEKISHO_CONTROLPLANE_CONFIG_CHANNELS_H

#include "controlplane/config.h"

/* Mistakes are noted in the configuration. */
void config_channels_read(struct config_node root, struct control_config *config);

#endif
