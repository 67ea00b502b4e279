/* What a policy has of the configuration: the zone of its hours, and the screen. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_POLICY_H
#define SEKISHO_CONTROLPLANE_CONFIG_POLICY_H

#include "controlplane/config.h"

/* Mistakes are noted in the configuration. */
void config_policy_read(struct config_node root, struct policy_settings *policy);

#endif
