/* The "emergency" of a configuration: which numbers are such calls, and who answers them. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_EMERGENCY_H
#define SEKISHO_CONTROLPLANE_CONFIG_EMERGENCY_H

#include "controlplane/config.h"

/* After the peers, one of which it may name. Mistakes are noted in the configuration. */
void config_emergency_read(struct config_node root, struct control_config *config);

#endif
